import { describe, expect, it } from 'vitest';
import { readIndex, readIndexPointer } from '../src/index-record.js';
import { serviceSet } from './support/record.js';

const txt = (...strings: string[]) => strings.map((string) => Buffer.from(string, 'latin1'));

describe('readIndex', () => {
  it('reads names with their protocols, lower-cased, in order', () => {
    expect(readIndex([txt('agents=weather:mcp, Quotes:HTTPS')])).toEqual({
      present: true,
      entries: [
        { name: 'weather', protocols: ['mcp'] },
        { name: 'quotes', protocols: ['https'] },
      ],
      problems: [],
    });
  });

  it('gathers the protocols of one name', () => {
    const index = readIndex([txt('agents=chat:mcp,chat:a2a,chat:mcp'), txt('agents=chat:https')]);
    expect(index.entries).toEqual([{ name: 'chat', protocols: ['mcp', 'a2a', 'https'] }]);
  });

  it('keeps a name whose protocol is not known here: its own record decides', () => {
    expect(readIndex([txt('agents=chat:unknown')]).entries).toEqual([{ name: 'chat', protocols: [] }]);
  });

  it('continues a long value in the next character-string', () => {
    const index = readIndex([txt('agents=weather:m', 'cp,quotes:https')]);
    expect(index.entries.map(({ name }) => name)).toEqual(['weather', 'quotes']);
  });

  it('begins a new value at each string of the index form', () => {
    const index = readIndex([txt('agents=weather:mcp', 'agents=quotes:https')]);
    expect(index.entries.map(({ name }) => name)).toEqual(['weather', 'quotes']);
  });

  it('passes over records of another form', () => {
    expect(readIndex([txt('v=spf1 -all'), txt('')])).toEqual({ present: false, entries: [], problems: [] });
  });

  it('knows an empty index from none', () => {
    expect(readIndex([txt('agents=')])).toEqual({ present: true, entries: [], problems: [] });
  });

  it.each([
    'we_ather:mcp',
    'weather',
    ':mcp',
    'weather:',
    'a.b:mcp',
    'weather:mcp:x',
    '-a:mcp',
    'a\u0000:mcp',
    'a:m-p',
  ])('tells of the entry %j and keeps the others', (entry) => {
    const index = readIndex([txt(`agents=${entry},quotes:https`)]);
    expect(index.entries.map(({ name }) => name)).toEqual(['quotes']);
    expect(index.problems).toHaveLength(1);
  });

  it('is bounded in agents and in problems', () => {
    const many = Array.from({ length: 10_001 }, (_, at) => `a${at}:mcp`).join(',');
    const index = readIndex([txt(`agents=${many}`), txt(`agents=${'_:x,'.repeat(1000)}`)]);
    expect(index.entries).toHaveLength(10_000);
    expect(index.problems.length).toBeLessThanOrEqual(21);
  });
});

describe('readIndexPointer', () => {
  it('reads where the HTTPS index is', () => {
    const set = serviceSet(['2 b.acme.example. alpn=h2', '1 index.acme.example. alpn=h2 port=8443']);
    expect(readIndexPointer(set)).toEqual({ target: 'index.acme.example', port: 8443 });
  });

  it('takes no underscored target', () => {
    expect(readIndexPointer(serviceSet(['1 _index.acme.example. alpn=h2']))).toBeUndefined();
  });
});

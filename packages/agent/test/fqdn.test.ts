import { describe, expect, it } from 'vitest';
import { lookupStages, parseAgentName, parseDomain } from '../src/fqdn.js';

describe('parseAgentName', () => {
  it.each([
    ['weather.acme.example', 'weather', 'acme.example', 'flat'],
    ['Weather.ACME.example.', 'weather', 'acme.example', 'flat'],
    ['chat.localhost', 'chat', 'localhost', 'flat'],
    ['weather._agents.acme.example', 'weather', 'acme.example', 'walkable'],
    ['_weather._mcp._agents.acme.example', 'weather', 'acme.example', 'older'],
  ])('takes %s apart', (text, name, domain, form) => {
    expect(parseAgentName(text)).toMatchObject({ name, domain, form });
  });

  it('reads the protocol from the older form, and only from it', () => {
    expect(parseAgentName('_weather._a2a._agents.acme.example')?.protocol).toBe('a2a');
    expect(parseAgentName('weather._agents.acme.example')?.protocol).toBeUndefined();
  });

  it.each([
    '',
    '.',
    'weather',
    'weather..example',
    'weather.acme.example..',
    'weather._agents.acme.example..',
    '-weather.example',
    '_weather.mcp._agents.acme.example',
    '_weather._smtp._agents.acme.example',
    '_weather._mcp._agents',
    '_index._agents.acme.example',
    'weather._agents',
    'we ather.acme.example',
    'wetter\u0000.acme.example',
    `${'a'.repeat(64)}.acme.example`,
    `${'a.'.repeat(127)}example`,
  ])('takes %j for no agent name', (text) => {
    expect(parseAgentName(text)).toBeUndefined();
  });
});

describe('lookupStages', () => {
  it('asks the flat name first, then the alias form, then the older form of each protocol', () => {
    const asked = parseAgentName('weather.acme.example');
    expect(asked && lookupStages(asked).map((stage) => stage.map(({ fqdn }) => fqdn))).toEqual([
      ['weather.acme.example'],
      ['weather._agents.acme.example'],
      ['mcp', 'a2a', 'https'].map((protocol) => `_weather._${protocol}._agents.acme.example`),
    ]);
  });

  it('asks a name in another form only as it stands', () => {
    const asked = parseAgentName('weather._agents.acme.example');
    expect(asked && lookupStages(asked)).toEqual([[asked]]);
  });
});

describe('parseDomain', () => {
  it('takes host names and nothing else', () => {
    expect(parseDomain('ACME.Example.')).toBe('acme.example');
    expect(parseDomain('_agents.example')).toBeUndefined();
    expect(parseDomain('https://acme.example')).toBeUndefined();
  });
});

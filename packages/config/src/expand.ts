// `${VAR}` in a text value: expanded from the environment that the caller hands in. `$${` stands for `${`.
// Expansion happens after the file is parsed, so that a variable's value can never become YAML.

/** The environment, as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Expansion {
  readonly text: string;
  /** The variables that were put in, in order. */
  readonly variables: readonly string[];
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[];
}

const reference = /\$(\$\{|\{([^}]*)(\}?))/g;

/** Expands the references of one text value. */
export function expand(text: string, env: Environment): Expansion {
  const variables: string[] = [];
  const problems: string[] = [];
  const expanded = text.replaceAll(
    reference,
    (whole: string, escaped: string, name: string, close: string) => {
      if (escaped === '${') return '${';
      if (close === '' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        problems.push(`malformed variable; write $\{NAME}, or $$\{ for a literal $\{`);
        return whole;
      }
      // The environment is an object, with a prototype: `constructor` is in it, and no variable.
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value === undefined) {
        problems.push(
          `the environment variable ${name} is not set; set it, or write $\${${name}} for the text itself`,
        );
        return whole;
      }
      variables.push(name);
      return value;
    },
  );
  return { text: expanded, variables, problems };
}

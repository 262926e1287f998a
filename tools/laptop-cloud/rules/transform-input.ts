/** The event of a scheduled rule, as its targets get it. */
export interface ScheduledEvent {
  version: string;
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  /** ISO-8601 UTC, whole seconds. */
  time: string;
  region: string;
  resources: string[];
  detail: Record<string, never>;
}

/** A target's input transformer: which field of the event each variable stands for, and the JSON they are put into. */
export interface InputTransformer {
  variables: ReadonlyMap<string, keyof ScheduledEvent>;
  template: string;
}

const FIELDS = {
  version: true,
  id: true,
  'detail-type': true,
  source: true,
  account: true,
  time: true,
  region: true,
  resources: true,
  detail: true,
} as const satisfies Record<keyof ScheduledEvent, true>;

/** A variable in quotes, or one that stands for a whole value. */
const PLACEHOLDER = /<([^<>\s"]+)>/g;

/**
 * Reads the InputTransformer of a target. Of paths only `$.field` is taken, of templates only JSON objects; the
 * variables of EventBridge's own (`aws.events…`) are not.
 * @throws Error naming what a laptop does not honour
 */
export function readTransformer(
  pathsMap: Readonly<Record<string, string>>,
  template: string,
): InputTransformer {
  const variables = new Map(
    Object.entries(pathsMap).map(([variable, path]) => {
      const field = path.replace(/^\$\./, '');
      if (!path.startsWith('$.') || !isField(field)) {
        throw new Error(
          `the path ${path} of the input variable ${variable} names no field of a scheduled event`,
        );
      }
      return [variable, field] as const;
    }),
  );
  for (const [, variable = ''] of template.matchAll(PLACEHOLDER)) {
    if (!variables.has(variable)) throw new Error(`the input template uses <${variable}>, which has no path`);
  }
  const sample = template.replace(PLACEHOLDER, (_, __, at: number) => (isQuoted(template, at) ? '' : 'null'));
  if (!isJsonObject(sample)) throw new Error(`the input template is no JSON object: ${template}`);
  return { variables, template };
}

/**
 * The input that a target gets: each variable in the template replaced by its field, as JSON, or as it is when it stands
 * within a string. Source: "Input transformation" in the EventBridge user guide.
 */
export function transformInput({ variables, template }: InputTransformer, event: ScheduledEvent): unknown {
  const json = template.replace(PLACEHOLDER, (_, variable: string, at: number) => {
    const value = event[variables.get(variable) ?? 'detail'];
    const text = JSON.stringify(value);
    return isQuoted(template, at) && typeof value === 'string' ? text.slice(1, -1) : text;
  });
  return JSON.parse(json);
}

function isField(name: string): name is keyof ScheduledEvent {
  return Object.hasOwn(FIELDS, name);
}

/** Whether a position lies within a string: an odd number of quotes comes before it. */
function isQuoted(template: string, at: number): boolean {
  const before = template.slice(0, at).replaceAll(/\\./g, '');
  return before.split('"').length % 2 === 0;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

import type { Permission } from './permissions.ts';

const introduction = `# What each function may do

Made from the template by \`npm run permissions\`; a test refuses a table that is not current. The stage is \`prod\`, which is traced
by X-Ray. Resources are named as in the template, \`.Arn\` left out; \`arn:…\` stands for what has no name there. No action has a
wildcard; why a resource has one is said in [the tests](../infra-tests/template/permissions.test.ts).
`;

/** The permissions of all functions as a Markdown document, a table for each function, its own log group left out. */
export function permissionsTable(permissions: readonly Permission[]): string {
  const others = permissions.filter(({ action }) => !action.startsWith('logs:'));
  const functions = [...new Set(others.map(({ fn }) => fn))].sort();
  return [introduction, ...functions.map((fn) => section(fn, others))].join('\n');
}

function section(name: string, permissions: readonly Permission[]): string {
  const own = permissions.filter(({ fn }) => fn === name);
  const resources = [...new Set(own.map(({ resource }) => resource))].sort();
  const rows = resources.map((resource) => {
    const actions = own.filter((permission) => permission.resource === resource).map(({ action }) => action);
    return `| ${shown(resource)} | ${actions
      .sort()
      .map((action) => `\`${action}\``)
      .join(', ')} |`;
  });
  return [`## ${name}\n`, '| on | it may |', '|---|---|', ...rows, ''].join('\n');
}

function shown(resource: string): string {
  if (resource === '*') return 'everything (there is nothing to name)';
  return `\`${resource.replace('.Arn', '').replace(/^arn:AWS::Partition:(\w+):AWS::Region:AWS::AccountId:/, 'arn:…:$1:…:')}\``;
}

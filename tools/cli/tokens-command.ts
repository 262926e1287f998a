import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Scope, scopeNames } from '#functions/runtime/tokens/scopes.ts';
import { defaultTenant, issueToken, type TokenTable } from './issue-token.ts';
import { readLocalFile } from './local-file.ts';
import { projectDir } from './run-laptop.ts';

interface CreateOptions {
  readonly name: string;
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  readonly table?: string;
  readonly data: string;
}

/** `celeriac tokens …`: who may use the API. */
export function tokensCommand(): Command {
  const create = new Command('create')
    .description('Makes a token and prints it, once: only its hash is stored.')
    .requiredOption('--name <name>', 'whose token it is, for logs', notEmpty)
    .option('--tenant <tenant>', 'whose tasks it sees and submits', defaultTenant)
    .addOption(
      new Option('--scopes <list>', `what it allows, comma-separated: ${scopeNames.join(', ')}`)
        .argParser(parseScopes)
        .default(['submit', 'read'] satisfies Scope[], 'submit,read'),
    )
    .option(
      '--table <name>',
      "the deployed pipeline's table, as in the stack output PipelineTableName",
      notEmpty,
    )
    .option('--data <folder>', 'the data folder of the laptop cloud', '.celeriac')
    .action(async (options: CreateOptions) => {
      console.log(await issueToken(tableOf(options), options));
    });
  return new Command('tokens').description('Who may use the API.').addCommand(create);
}

function notEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('it must not be empty');
  return text;
}

function parseScopes(text: string): readonly Scope[] {
  return text.split(',').map((word) => {
    const scope = scopeNames.find((name) => name === word.trim());
    if (!scope) throw new InvalidArgumentError(`"${word}" is no scope: choose from ${scopeNames.join(', ')}`);
    return scope;
  });
}

/** A named table is in the account of the caller's AWS credentials; without one, the laptop's is meant. */
function tableOf(options: CreateOptions): TokenTable {
  if (options.table !== undefined) return { tableName: options.table };
  const local = readLocalFile(resolve(projectDir, options.data));
  if (!local) {
    throw new Error('no laptop cloud is running: run npm start first, or name a deployed table with --table');
  }
  return { tableName: local.pipeline_table, endpoint: local.dynamodb_endpoint };
}

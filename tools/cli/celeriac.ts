#!/usr/bin/env node
import { Command } from 'commander';
import { reportAndExit } from './report-error.ts';
import { tokensCommand } from './tokens-command.ts';

await new Command('celeriac')
  .description('Operates a Celeriac pipeline: the one running on this machine, or a deployed stage.')
  .addCommand(tokensCommand())
  .parseAsync()
  .catch(reportAndExit);

/** Why a file's stories are told on a laptop cloud alone, and not on the stage that `npm run test:deploy` deploys. */
export const laptopOnly: Readonly<Record<string, string>> = {
  'alarms.test.ts': 'watches alarms by metrics that MiniStack does not publish, and lets minutes pass',
  'chaos.test.ts': 'runs npm run chaos, which starts and breaks a laptop cloud of its own',
  'commands.test.ts': 'runs npm start, whose laptop cloud it is about',
  'demo.test.ts': 'runs npm run demo, whose laptop cloud it is about',
  'gateway-limit.test.ts': 'sends a body of 10 MB, which MiniStack carries and API Gateway does not',
  'health.test.ts': 'lets ten minutes pass with nothing to do, then six with a consumer switched off',
  'inline-mode.test.ts': 'needs a deployment in another execution mode, and breaks workers',
  'later.test.ts': 'lets minutes and days pass before tasks are due',
  'long-run.test.ts': 'lets forty minutes pass under a task, and kills its worker',
  'lost-worker.test.ts': 'kills a worker',
  'messages.test.ts': 'sets its clock to a second of the minute, and lets minutes pass',
  'permissions.test.ts': 'takes every grant away in turn, from a judge of the laptop cloud’s own',
  'redrive.test.ts': 'lets minutes pass between attempts, and five before letters are swept',
  'refused-token.test.ts': 'gives the workers another secret than every other story needs',
  'result-expiry.test.ts': 'lets an hour pass',
  'retries.test.ts': 'lets a minute pass between attempts, seven in all',
  'schedules.test.ts': 'lets days pass, and calls the beat by hand',
  'tokens-command.test.ts':
    'is about the command beside npm start; deploy/operating.test.ts runs it on a deployed table',
  'upstream-trouble.test.ts': 'lets minutes pass between the attempts of 200 tasks',
  'wire-count.test.ts': 'counts the calls between functions and emulators on their way',
};

import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { formatLogLine } from './format-log-line.ts';
import { reportAndExit } from './report-error.ts';
import { projectDir, runLaptop } from './run-laptop.ts';

const command = new Command('npm start --')
  .description('Runs the whole pipeline on this machine until Ctrl-C.')
  .option('--port <number>', 'port of the API on 127.0.0.1', parsePort, 4000)
  .option('--fresh', 'begin with empty tables and queues', false)
  .option('--data <folder>', 'where data is kept between runs', '.celeriac')
  .action(start);

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new InvalidArgumentError('give a number from 0 to 65535');
  return port;
}

async function start(options: { port: number; fresh: boolean; data: string }): Promise<void> {
  const { MAPBOX_BASE_URL: url, MAPBOX_TOKEN: token } = process.env;
  if ((url === undefined) !== (token === undefined)) {
    throw new Error(
      'set both MAPBOX_BASE_URL and MAPBOX_TOKEN to use the real Mapbox, or neither for the stand-in',
    );
  }
  const stopAsked = Promise.race([signalled('SIGINT'), signalled('SIGTERM')]);
  const laptop = await runLaptop({
    dataDir: resolve(projectDir, options.data),
    port: options.port,
    fresh: options.fresh,
    mapbox: url !== undefined && token !== undefined ? { url, token } : null,
    log: (line) => {
      const shown = formatLogLine(line);
      if (shown !== null) console.log(shown);
    },
  });
  console.log(welcome(laptop.cloud.url, laptop.token, laptop.standInMapbox));
  const failure = await Promise.race([stopAsked, laptop.cloud.failed]);
  console.log('stopping');
  await laptop.stop();
  if (failure instanceof Error) throw failure;
}

function signalled(signal: string): Promise<string> {
  return new Promise((done) => {
    process.once(signal, () => done(signal));
  });
}

function welcome(url: string, token: string, standInMapbox: string | null): string {
  return `
Celeriac is up: ${url}
${standInMapbox === null ? 'Mapbox is the real one.' : `Mapbox is a stand-in: ${standInMapbox}`}

  export CELERIAC_URL=${url}
  export CELERIAC_TOKEN=${token}

  curl -s $CELERIAC_URL/health
  curl -s -H "Authorization: Bearer $CELERIAC_TOKEN" -H 'Content-Type: application/json' \\
    -d '{"name":"Tokyo Station","latitude":35.6812,"longitude":139.7671}' $CELERIAC_URL/api/v1/locations
  curl -s -H "Authorization: Bearer $CELERIAC_TOKEN" "$CELERIAC_URL/api/v1/tasks?limit=5"

Ctrl-C stops it; tasks and locations are kept for the next start (--fresh forgets them).
`;
}

command.parseAsync().catch(reportAndExit);

import { parseArgs } from 'node:util';
import { startMapbox } from './mapbox/start-mapbox.ts';

const USAGE = `Stand-ins for outside services, on 127.0.0.1 until Ctrl-C.
  node tools/upstreams/upstreams-main.ts [--port 4700] [--mapbox-token pk.local] [--quiet]`;

/** Starts every stand-in, prints the URL of each, and stops them all on SIGINT or SIGTERM. */
async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '4700' },
      'mapbox-token': { type: 'string', default: 'pk.local' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port ${values.port} is not a port: give a number from 0 (a free one) to 65535.`);
  }
  const mapbox = await startMapbox({
    port,
    token: values['mapbox-token'],
    log: (line) => {
      if (!values.quiet) console.log(`mapbox  ${line}`);
    },
  });
  console.log(`MAPBOX_BASE_URL=${mapbox.url}`);
  console.log(`MAPBOX_TOKEN=${values['mapbox-token']}`);

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      mapbox.stop().catch(fail);
    });
  }
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error));
  console.error(USAGE);
  process.exitCode = 1;
}

main(process.argv.slice(2)).catch(fail);

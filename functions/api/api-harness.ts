import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { createLocationStore } from '#functions/locations/location-store.ts';
import { createFileExchange } from '#functions/rasters/s3-file-exchange.ts';
import { createTreeItemStore } from '#functions/rasters/tree-item-store.ts';
import { httpEvent, type RequestParts } from '#functions/runtime/fixtures/http-event.ts';
import { lambdaContext } from '#functions/runtime/fixtures/lambda-context.ts';
import { type LogLine, recordingLog } from '#functions/runtime/fixtures/recording-log.ts';
import { createHttpHandler } from '#functions/runtime/http-entry.ts';
import type { InvokeWorker } from '#functions/runtime/invoke-worker.ts';
import { createInlineSubmitTask, createSubmitTask, type SubmitTask } from '#functions/runtime/submit-task.ts';
import { createAuthenticate } from '#functions/runtime/tokens/authenticate.ts';
import { createToken } from '#functions/runtime/tokens/create-token.ts';
import type { Scope } from '#functions/runtime/tokens/scopes.ts';
import { hashToken, type TokenItem } from '#functions/runtime/tokens/token-item.ts';
import { testCelery } from '#functions/toolbox/specs.ts';
import { answerTestCelery } from '#functions/toolbox/test-celery.ts';
import { createPipelineTable } from '#shared/contracts/create-pipeline-table.ts';
import { emulatedDynamoDb, emulatedS3 } from '#shared/contracts/emulator-clients.ts';
import { createMemoryPorts } from '#shared/memory/memory-ports.ts';
import { executeDelivery } from '#shared/pipeline/execute.ts';
import { implement } from '#shared/tasks/implement-task.ts';
import { apiHandlers } from './api-handlers.ts';
import type { Check } from './check-health.ts';

/** An answer with its JSON parsed. */
export interface ApiAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Record<string, unknown>;
}

/** The whole API for tests: every route on the pipeline's ports in memory, locations in an emulated table. */
export async function startApi() {
  const ports = createMemoryPorts();
  const dynamoDb = emulatedDynamoDb();
  const applicationTable = await createPipelineTable(dynamoDb);
  const locations = createLocationStore(dynamoDb, applicationTable);
  const lines: LogLine[] = [];
  const stored = new Map<string, TokenItem>();
  const health = {
    database: async (): Promise<unknown> => null,
    cache: async (): Promise<unknown> => null,
    celery: [async () => null] as readonly Check[] | null,
  };
  const submit: { task: SubmitTask } = { task: createSubmitTask(ports) };
  const now = () => ports.clock.now();
  const submitTask: SubmitTask = (...submission) => submit.task(...submission);
  const s3 = emulatedS3();
  const rasters = {
    items: createTreeItemStore(dynamoDb, applicationTable),
    // Nothing is stored by those who use this harness: the stories of files have one of their own.
    files: createFileExchange({ client: s3, completing: s3, bucket: 'no-files', now }),
    probe: submitTask,
  };
  const handle = createHttpHandler(
    apiHandlers({
      pipeline: ports,
      submit: submitTask,
      locations,
      rasters,
      health,
    }),
    {
      authenticate: createAuthenticate({ tokens: { get: async (hash) => stored.get(hash) ?? null }, now }),
      log: recordingLog(lines),
      now,
    },
  );

  return {
    ports,
    locations,
    lines,
    health,
    /** From now on tasks are run while their submission waits, by `invoke`. */
    runInline(invoke: InvokeWorker): void {
      submit.task = createInlineSubmitTask(ports, invoke);
    },
    /** Makes a token that the API accepts. */
    token(scopes: readonly Scope[], tenant = 'acme'): string {
      const randomBytes = (size: number) => new Uint8Array(size).fill(stored.size + 1);
      const { token, item } = createToken({ name: 'test', scopes, tenant, now: now(), randomBytes });
      stored.set(hashToken(token), item);
      return token;
    },
    /** Runs every task that waits in the default queue: it answers its message, or throws `failure`. */
    async runDefaultQueue(failure?: Error): Promise<void> {
      const failing = implement(testCelery, async () => {
        throw failure;
      });
      const setup = {
        implementations: new Map([['test_celery', failure ? failing : answerTestCelery]]),
        deadline: Number.POSITIVE_INFINITY,
        logFor: () => recordingLog([]),
        observe: () => undefined,
      };
      for (const delivery of ports.queue.receive('default')) await executeDelivery(ports, setup, delivery);
    },
    /** Sends a request to a function that has `remainingMs` milliseconds left. */
    async call(parts: RequestParts, remainingMs?: number): Promise<ApiAnswer> {
      const reply: APIGatewayProxyStructuredResultV2 = await handle(
        httpEvent(parts),
        lambdaContext(remainingMs),
      );
      const body = reply.body ? JSON.parse(reply.body) : {};
      return { status: reply.statusCode, headers: reply.headers ?? {}, body };
    },
  };
}

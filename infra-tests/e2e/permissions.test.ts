import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionRole } from '#tools/laptop-cloud/permissions/function-roles.ts';
import { refuseUnreadQueues } from '#tools/laptop-cloud/permissions/refuse-unread-queues.ts';
import { refuseUnsentFailures } from '#tools/laptop-cloud/permissions/refuse-unsent-failures.ts';
import { rasterStories } from './grant-rasters.ts';
import { grantStories } from './grant-stories.ts';
import { type GrantCloud, type GrantStory, startGrantCloud } from './grant-world.ts';
import { type Grant, grantsOf, inWords, rolesWithout, takes } from './grants.ts';

let grants: GrantCloud;
let given: readonly FunctionRole[];
beforeAll(async () => {
  grants = await startGrantCloud();
  given = grants.cloud.permissions.roles;
});
afterAll(() => grants.stop());

const without = (gone: Grant) =>
  rolesWithout(
    given,
    ({ fn, action, resource }) => fn === gone.fn && action === gone.action && resource === gone.resource,
  );

/** What Lambda does under a function's role beside the function: it writes the log, which is printed here, and more. */
function isOfLambdaItself(grant: Grant): boolean {
  return grant.action.startsWith('logs:') || isOfPollers(grant) || isOfDestinations(grant);
}

function isOfPollers({ fn, action, resource }: Grant): boolean {
  const polled = grants.cloud.mappings.some(
    ({ spec }) => spec.functionName === fn && spec.queue.arn === resource,
  );
  return polled && /^sqs:(?:ReceiveMessage|DeleteMessage|GetQueueAttributes)$/.test(action);
}

function isOfDestinations({ action, resource }: Grant): boolean {
  return action === 'sqs:SendMessage' && resource.includes('UndeliveredEvents');
}

/** A call that a story's telling has led to, and how soon. */
interface Use {
  readonly call: Grant;
  readonly afterMs: number;
}

/** A story that was told, and what its calls took. */
interface Told {
  readonly story: GrantStory;
  readonly uses: readonly Use[];
}

/** Tells a story to its end, all grants given. */
async function tellFully(story: GrantStory): Promise<Told> {
  const uses: Use[] = [];
  const begun = performance.now();
  const stop = grants.cloud.permissions.listen((fn, needed) =>
    uses.push({ call: { fn, ...needed }, afterMs: performance.now() - begun }),
  );
  try {
    await story.tell(await grants.world(new AbortController().signal));
  } finally {
    stop();
  }
  return { story, uses };
}

/** The stories whose calls took a grant, those first that came to it soonest. */
function storiesOf(grant: Grant, told: readonly Told[]): GrantStory[] {
  return told
    .flatMap(({ story, uses }) => {
      const first = uses.find(({ call }) => takes(call, grant));
      return first ? [{ story, afterMs: first.afterMs }] : [];
    })
    .sort((one, other) => one.afterMs - other.afterMs)
    .map(({ story }) => story);
}

/** What came of a grant's removal: no call took it, one was denied and nobody would know, or somebody would. */
type Removal = 'not missed' | 'missed in silence' | 'missed';

/** Tells a story while a grant is missing, up to the first sign of the denial in the function's own log or the story. */
async function tellWithout(grant: Grant, story: GrantStory): Promise<Removal> {
  const { permissions } = grants.cloud;
  const telling = new AbortController();
  const sign = Promise.withResolvers<Removal>();
  let denied = false;
  const forget = [
    permissions.listen((fn, needed) => {
      if (takes({ fn, ...needed }, grant)) denied = true;
    }),
    grants.onLine((line) => {
      if (denied && line.includes(grant.fn) && tellsOfDenial(line)) sign.resolve('missed');
    }),
  ];
  permissions.change({ roles: without(grant) });
  try {
    const told = story.tell(await grants.world(telling.signal)).then(
      (): Removal => (denied ? 'missed in silence' : 'not missed'),
      (): Removal => (denied ? 'missed' : 'not missed'),
    );
    const removal = await Promise.race([sign.promise, told]);
    telling.abort();
    await told;
    return removal;
  } finally {
    for (const stop of forget) stop();
    permissions.change({ roles: given });
  }
}

/** Whether a line tells an operator that something was denied to a function: its own, or that of a rule that it failed. */
function tellsOfDenial(line: string): boolean {
  const isTold = /"level":"(?:WARN|ERROR)"|: attempt \d+ failed: /.test(line);
  return isTold && /AccessDenied|not authorized to perform|"error_type":"PipelineFault"/.test(line);
}

async function remove(grant: Grant, told: readonly Told[]): Promise<Removal> {
  let worst: Removal = 'not missed';
  for (const story of storiesOf(grant, told)) {
    for (const isCold of [false, true]) {
      // What a function keeps in memory, a token or a secret, it would not ask for again.
      if (isCold) await grants.cloud.kill(grant.fn);
      const removal = await tellWithout(grant, story);
      if (removal === 'missed') return removal;
      if (removal === 'missed in silence') worst = removal;
    }
  }
  return worst;
}

describe('the grants of every function', () => {
  const told: Told[] = [];

  it('are enough for all that it is there for', { timeout: 120_000 }, async () => {
    for (const story of [...grantStories, ...rasterStories]) told.push(await tellFully(story));
    expect(grants.denials).toEqual([]);
  });

  it('are needed, each: without it a call is denied, and somebody is told', {
    timeout: 240_000,
  }, async () => {
    const removals = new Map<string, Removal>();
    for (const grant of given.flatMap(grantsOf).filter((one) => !isOfLambdaItself(one))) {
      removals.set(inWords(grant), await remove(grant, told));
    }
    expect(removals.size).toBeGreaterThan(0);
    expect([...removals].filter(([, removal]) => removal !== 'missed')).toEqual([]);
  });

  it('let Lambda read the queues: without one of them the mapping is not created', () => {
    const mappings = grants.cloud.mappings.map(({ spec }) => spec);
    const reading = given.flatMap(grantsOf).filter(isOfPollers);
    expect(reading).toHaveLength(3 * mappings.length);
    expect(() => refuseUnreadQueues(mappings, given)).not.toThrow();
    for (const grant of reading) {
      const action = grant.action.replace('sqs:', '');
      const refusal = `does not have permissions to call ${action} on SQS`;
      expect(() => refuseUnreadQueues(mappings, without(grant))).toThrow(refusal);
    }
  });

  it('let Lambda record what a function failed on: without it the destination is not set', () => {
    const sending = given.flatMap(grantsOf).filter(isOfDestinations);
    expect(sending.map(inWords)).toEqual(['BeatFunction: sqs:SendMessage UndeliveredEventsQueue']);
    for (const grant of sending) {
      const destination = { functionName: grant.fn, queueArn: grant.resource };
      expect(() => refuseUnsentFailures([destination], given)).not.toThrow();
      expect(() => refuseUnsentFailures([destination], without(grant))).toThrow('SendMessage');
    }
  });
});

describe('the services that invoke functions', () => {
  it('are let in by a permission each: without it nobody is answered and no rule has effect', async () => {
    const { permissions, url } = grants.cloud;
    const { invokeGrants } = permissions;
    const health = async () => (await fetch(`${url}/health`)).status;
    const denied = (service: string) => {
      const { promise, resolve } = Promise.withResolvers<string>();
      grants.onLine((line) => line.includes(`${service} may not invoke`) && resolve(line));
      return promise;
    };
    try {
      expect(await health()).toBe(200);
      permissions.change({ invokeGrants: [] });
      const rule = denied('events.amazonaws.com');
      expect(await health()).toBe(500);
      await grants.cloud.advance(61_000);
      expect(await rule).toContain('Reconciler');
    } finally {
      permissions.change({ invokeGrants });
    }
    expect(await health()).toBe(200);
  });
});

import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { listenOnLaptop, stopListening } from '../listen-on-laptop.ts';
import { createQueueClient } from '../provision/aws-clients.ts';
import { deleteMessages } from './delete-messages.ts';

type Entry = { Id: string; ReceiptHandle: string };
type Reply = {
  status?: number;
  Failed?: { Id: string; Code: string; SenderFault: boolean; Message?: string }[];
};

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A queue service that answers each DeleteMessageBatch as told. */
async function queueAnswering(answer: (entries: Entry[], call: number) => Reply) {
  const calls: string[][] = [];
  const reply = (entries: Entry[]) => {
    calls.push(entries.map((entry) => entry.ReceiptHandle));
    const { status = 200, Failed = [] } = answer(entries, calls.length);
    const failed = new Set(Failed.map(({ Id }) => Id));
    const Successful = entries.filter(({ Id }) => !failed.has(Id)).map(({ Id }) => ({ Id }));
    return { status, body: JSON.stringify({ Successful, Failed }) };
  };
  const server = createServer((request, response) => {
    void json(request).then((asked) => {
      const { status, body } = reply((asked as { Entries: Entry[] }).Entries);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
    });
  });
  const url = await listenOnLaptop(server, 0);
  const sqs = createQueueClient(url);
  sqs.config.maxAttempts = async () => 1;
  closing.push(() => stopListening(server));
  const remove = (...ids: string[]) =>
    deleteMessages(
      sqs,
      `${url}/000000000000/default`,
      ids.map((id) => ({ MessageId: id, ReceiptHandle: `handle-${id}`, Body: '', MD5OfBody: '' })),
    );
  return { remove, calls };
}

const busy = (Id: string) => ({ Id, Code: 'InternalError', SenderFault: false, Message: 'busy' });

describe('deleting messages', () => {
  it('goes in batches of ten', async () => {
    const { remove, calls } = await queueAnswering(() => ({}));
    expect(await remove(...Array.from({ length: 23 }, (_, index) => `${index}`))).toEqual([]);
    expect(calls.map((call) => call.length).toSorted()).toEqual([10, 10, 3]);
  });

  it('tries again what the answer lists as failed, and that alone', async () => {
    const { remove, calls } = await queueAnswering((_entries, call) =>
      call === 1 ? { Failed: [busy('1')] } : {},
    );
    expect(await remove('a', 'b', 'c')).toEqual([]);
    expect(calls).toEqual([['handle-a', 'handle-b', 'handle-c'], ['handle-b']]);
  });

  it('gives up after three attempts and names what stayed', async () => {
    const { remove, calls } = await queueAnswering((entries) => ({
      Failed: entries.map(({ Id }) => busy(Id)),
    }));
    expect(await remove('a')).toEqual([{ messageId: 'a', reason: 'busy' }]);
    expect(calls).toHaveLength(3);
  });

  it('does not try again what is the request’s own fault', async () => {
    const expired = { Id: '0', Code: 'ReceiptHandleIsInvalid', SenderFault: true };
    const { remove, calls } = await queueAnswering(() => ({ Failed: [expired] }));
    expect(await remove('a', 'b')).toEqual([{ messageId: 'a', reason: 'ReceiptHandleIsInvalid' }]);
    expect(calls).toHaveLength(1);
  });

  it('tries again when the call itself fails', async () => {
    const { remove, calls } = await queueAnswering((_entries, call) => (call < 3 ? { status: 500 } : {}));
    expect(await remove('a', 'b')).toEqual([]);
    expect(calls).toHaveLength(3);
  });
});

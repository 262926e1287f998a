import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { answerWithErrors, type LeftObject, listedObjects, requestWithout } from './delete-objects.ts';
import type { Permissions } from './permissions.ts';
import { denialMessage, refusalAnswer } from './refusal-answers.ts';
import { passedOn, type Relay, readWhole, send } from './relay-calls.ts';
import { objectArn, s3Target } from './s3-permissions.ts';

/**
 * Hands a DeleteObjects request on without the objects that its caller may not remove; the answer tells of each of those,
 * as S3 does. Rejects when the caller breaks off.
 */
export async function relayRemoval(
  relay: Relay,
  permissions: Pick<Permissions, 'refuse'>,
  {
    incoming,
    outgoing,
    accessKey,
  }: {
    incoming: IncomingMessage;
    outgoing: ServerResponse;
    accessKey: string;
  },
): Promise<void> {
  const sent = (await readWhole(incoming)).toString('utf8');
  const { bucket } = s3Target(incoming.url ?? '/');
  const left: LeftObject[] = [];
  const listed = listedObjects(sent);
  for (const object of listed) {
    const action = object.versioned ? 's3:DeleteObjectVersion' : 's3:DeleteObject';
    const resource = objectArn(bucket, object.key);
    const refusal = permissions.refuse(accessKey, [{ action, resource }]);
    if (refusal?.kind === 'unknown key') return send(outgoing, refusalAnswer(refusal, 's3'), incoming);
    if (refusal !== null) left.push({ object, message: denialMessage(refusal) });
  }
  if (left.length === 0) return relay.pass(incoming, outgoing, { body: Buffer.from(sent) });
  const xml = { 'content-type': 'application/xml' };
  if (left.length === listed.length) {
    return send(outgoing, { status: 200, headers: xml, body: answerWithErrors('', left) }, incoming);
  }
  const headers = withoutChecksums(passedOn(incoming.headers));
  const asked = relay.ask(incoming, Buffer.from(requestWithout(sent, left)), headers);
  asked.on('error', (error) => outgoing.destroy(error));
  asked.on('response', (reply) => {
    readWhole(reply).then(
      (answer) => {
        const body = answerWithErrors(answer.toString('utf8'), left);
        send(outgoing, { status: reply.statusCode ?? 502, headers: xml, body }, incoming);
      },
      (error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined),
    );
  });
}

function withoutChecksums(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const fits = (name: string) =>
    !/^(?:content-md5|x-amz-checksum-|x-amz-sdk-checksum-|transfer-encoding)/.test(name);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => fits(name)));
}

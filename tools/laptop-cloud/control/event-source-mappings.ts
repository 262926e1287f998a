import * as z from 'zod';
import { LAPTOP_ACCOUNT, LAPTOP_REGION } from '../assembly/laptop-account.ts';
import type { Mapping } from '../mappings/run-mapping.ts';
import { type ControlAnswer, type ControlOperation, controlError } from './control-api.ts';
import { functionNameOf } from './invoke-function.ts';
import { matchCall, restResult } from './rest-call.ts';

const ALL = /^\/2015-03-31\/event-source-mappings\/?$/;
const ONE = /^\/2015-03-31\/event-source-mappings\/([^/]+)$/;
const LARGEST_PAGE = 100;

const Update = z.looseObject({ Enabled: z.boolean().optional() });

/**
 * Answers Lambda's ListEventSourceMappings, GetEventSourceMapping and UpdateEventSourceMapping about the mappings that
 * run. An update may switch a mapping on or off and change nothing else; it is answered once that holds, with the
 * passing state (`Disabling`, `Enabling`) that AWS answers, and the next question with the state itself.
 * Source: the AWS Lambda API reference under these names.
 * @param now milliseconds since the epoch
 */
export function eventSourceMappings(mappings: readonly Mapping[], now: () => number): ControlOperation[] {
  const since = now();
  const modified = new Map<string, number>();
  const describe = (mapping: Mapping, state = mapping.enabled ? 'Enabled' : 'Disabled') => {
    const { spec } = mapping;
    const { id } = spec;
    return {
      UUID: id,
      EventSourceMappingArn: arn(`event-source-mapping:${id}`),
      EventSourceArn: spec.queue.arn,
      FunctionArn: arn(`function:${spec.functionName}`),
      State: state,
      StateTransitionReason: 'USER_INITIATED',
      LastModified: (modified.get(id) ?? since) / 1000,
      BatchSize: spec.batchSize,
      MaximumBatchingWindowInSeconds: spec.maximumBatchingWindowSeconds,
      ScalingConfig: { MaximumConcurrency: spec.maximumConcurrency },
      FunctionResponseTypes: spec.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    };
  };
  const find = (id: string) => mappings.find(({ spec }) => spec.id === id);

  const update = async (mapping: Mapping, body: string): Promise<ControlAnswer> => {
    const { Enabled, ...others } = Update.parse(JSON.parse(body));
    const [other] = Object.keys(others);
    if (other !== undefined) {
      const message = `The laptop cloud changes Enabled only, not ${other}: change the template`;
      return controlError(400, 'InvalidParameterValueException', message);
    }
    if (Enabled === undefined || Enabled === mapping.enabled) return restResult(202, describe(mapping));
    await mapping.setEnabled(Enabled);
    modified.set(mapping.spec.id, now());
    return restResult(202, describe(mapping, Enabled ? 'Enabling' : 'Disabling'));
  };

  return [
    (call) => {
      const match = matchCall(call, { method: 'GET', path: ALL });
      if (match === null) return null;
      const source = match.query.get('EventSourceArn');
      const fn = match.query.get('FunctionName');
      const found = mappings.filter(
        ({ spec }) =>
          (source === null || spec.queue.arn === source) &&
          (fn === null || spec.functionName === functionNameOf(fn)),
      );
      const start = Number(match.query.get('Marker') ?? 0);
      const end = start + Number(match.query.get('MaxItems') ?? LARGEST_PAGE);
      return restResult(200, {
        EventSourceMappings: found.slice(start, end).map((mapping) => describe(mapping)),
        ...(end < found.length && { NextMarker: String(end) }),
      });
    },
    (call) => {
      const asked = matchCall(call, { method: 'GET', path: ONE });
      const changed = matchCall(call, { method: 'PUT', path: ONE });
      if (asked === null && changed === null) return null;
      const mapping = find((asked ?? changed)?.named ?? '');
      if (mapping === undefined) {
        return controlError(404, 'ResourceNotFoundException', 'The resource you requested does not exist.');
      }
      return changed ? update(mapping, call.body) : restResult(200, describe(mapping));
    },
  ];
}

function arn(what: string): string {
  return `arn:aws:lambda:${LAPTOP_REGION}:${LAPTOP_ACCOUNT}:${what}`;
}

import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlApi, startControlApi } from './control-api.ts';
import { getParameter } from './get-parameter.ts';

const SINCE = Date.parse('2026-11-01T12:00:00Z');
const lines: string[] = [];
let api: ControlApi;
let ssm: SSMClient;

beforeAll(async () => {
  const parameters = new Map([
    ['/celeriac/mapbox-token', { value: 'pk.secret', type: 'SecureString' as const }],
    ['plain', { value: 'text', type: 'String' as const }],
  ]);
  api = await startControlApi({
    operations: [getParameter(parameters, { region: 'us-east-1', account: '000000000000', since: SINCE })],
    log: (line) => lines.push(line),
  });
  const credentials = { accessKeyId: 'laptop', secretAccessKey: 'laptop' };
  ssm = new SSMClient({ region: 'us-east-1', endpoint: api.url, credentials, maxAttempts: 1 });
});
afterAll(async () => {
  ssm.destroy();
  await api.stop();
});

describe('GetParameter', () => {
  it('answers with the whole parameter', async () => {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: 'plain' }));
    expect(Parameter).toEqual({
      Name: 'plain',
      Type: 'String',
      Value: 'text',
      Version: 1,
      LastModifiedDate: new Date(SINCE),
      ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/plain',
      DataType: 'text',
    });
  });

  it('shows a secure string only when asked to decrypt it', async () => {
    const ask = async (WithDecryption: boolean) =>
      (await ssm.send(new GetParameterCommand({ Name: '/celeriac/mapbox-token', WithDecryption }))).Parameter;
    expect(await ask(true)).toMatchObject({
      Type: 'SecureString',
      Value: 'pk.secret',
      ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/celeriac/mapbox-token',
    });
    expect((await ask(false))?.Value).not.toContain('pk.secret');
  });

  it('answers ParameterNotFound for an unknown name', async () => {
    await expect(ssm.send(new GetParameterCommand({ Name: 'nothing' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe('a call that the laptop does not answer', () => {
  it('is refused by name, and said in the log', async () => {
    const put = new PutParameterCommand({ Name: 'x', Value: 'y', Type: 'String' });
    await expect(ssm.send(put)).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: 'The laptop cloud does not answer AmazonSSM.PutParameter',
    });
    expect(lines).toEqual([
      'control: AmazonSSM.PutParameter is not among the calls that the laptop cloud answers',
    ]);
  });
});

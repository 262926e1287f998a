import * as z from 'zod';
import type { Assembly } from '../assembly/read-assembly.ts';
import type { ResolvedResource } from '../provision/identify-resources.ts';
import { readProperties, unread } from '../provision/read-properties.ts';
import type { FunctionSpec } from './function-pool.ts';

/** Source: AWS CloudFormation Template Reference, AWS::Lambda::Function; defaults included. */
const FunctionProperties = z.strictObject({
  FunctionName: z.string().optional(),
  Handler: z.string(),
  Runtime: z.string().regex(/^nodejs\d+\.x$/, 'The laptop runs functions of a nodejs runtime only'),
  Code: z.strictObject({ S3Key: z.string(), S3Bucket: unread }),
  Environment: z
    .strictObject({
      Variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
    })
    .optional(),
  Timeout: z.coerce.number().default(3),
  MemorySize: z.coerce.number().default(128),
  Architectures: z.array(z.enum(['arm64', 'x86_64'])).optional(),
  PackageType: z.literal('Zip').optional(),
  DeadLetterConfig: unread,
  Description: unread,
  EphemeralStorage: unread,
  KmsKeyArn: unread,
  LoggingConfig: unread,
  RecursiveLoop: unread,
  ReservedConcurrentExecutions: unread,
  Role: unread,
  Tags: unread,
  TracingConfig: unread,
});

/**
 * Tells what to run for each function of an assembly.
 * @param functions resources of type AWS::Lambda::Function, properties resolved
 * @throws Error for a property the laptop does not know (layers, images and inline code among them), another
 * runtime than Node's, or code that is no asset of the assembly
 */
export function describeFunctions(
  assembly: Assembly,
  functions: readonly ResolvedResource[],
): FunctionSpec[] {
  return functions.map((fn) => {
    const properties = readProperties(fn, FunctionProperties, 'functions/describe-functions.ts');
    const { S3Key } = properties.Code;
    const asset = assembly.stacks
      .find(({ name }) => name === fn.stack)
      ?.assets.find(({ objectKey, packaging }) => objectKey === S3Key && packaging === 'zip');
    if (asset === undefined) {
      throw new Error(
        `AWS::Lambda::Function (${fn.stack}/${fn.logicalId}): ${S3Key} is no folder asset of ${assembly.outDir}`,
      );
    }
    return {
      name: fn.name,
      codeDir: asset.path,
      handler: properties.Handler,
      environment: Object.fromEntries(
        Object.entries(properties.Environment?.Variables ?? {}).map(([key, value]) => [key, String(value)]),
      ),
      timeoutSeconds: properties.Timeout,
      memoryMb: properties.MemorySize,
    };
  });
}

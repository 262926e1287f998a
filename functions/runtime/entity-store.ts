import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { isRefusal } from '#shared/aws/refused-write.ts';
import { retryConflicts } from '#shared/aws/retry-conflicts.ts';
import type { AlongsideWrite } from '#shared/ports/alongside-write.ts';
import { decodeCursor, encodeCursor } from '#shared/ports/cursor.ts';
import type { Page } from '#shared/ports/task-store.ts';

/** What an application keeps: something of a tenant's, which is changed only by whoever has read its newest revision. */
export interface Entity {
  readonly id: string;
  readonly tenant: string;
  /** Grows by one with every save; a save names the one it read. */
  readonly revision: number;
  readonly [field: string]: unknown;
}

/** Which of a tenant's entities to list. */
export interface EntityListing {
  readonly tenant: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Keeps entities of one kind. */
export interface EntityStore<Kept extends Entity> {
  /** The tenant's entity, read consistently, or null. */
  read(tenant: string, id: string): Promise<Kept | null>;
  /** The tenant's entities, newest first. Throws InvalidCursor. */
  list(listing: EntityListing): Promise<Page<Kept>>;
  /** Stores a new entity; nobody else has its id. */
  add(created: Kept): Promise<void>;
  /** Replaces revision `next.revision - 1`. False when the entity has another revision or is gone. */
  save(next: Kept): Promise<boolean>;
  /** Forgets the tenant's entity, whatever its revision; false when there was none. */
  remove(tenant: string, id: string): Promise<boolean>;
  /** Stores a new entity, together with the task that it is committed with. */
  creation(created: Kept): AlongsideWrite;
  /** As `save`, together with the task that it is committed with. */
  replacement(next: Kept): AlongsideWrite;
}

/** What {@link createEntityStore} needs. */
export interface EntityStoreOptions<Kept extends Entity> {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  /** Names the entities in their key, for example `locations`. */
  readonly kind: string;
  readonly schema: z.ZodType<Kept>;
}

/**
 * Entities in the applications' table: one item each, all of a tenant's under one partition key in the order of their
 * ids, which are UUIDv7 and so in the order of time. Every call throws what DynamoDB throws.
 */
export function createEntityStore<Kept extends Entity>(options: EntityStoreOptions<Kept>): EntityStore<Kept> {
  const { client, tableName, kind, schema } = options;
  const partitionOf = (tenant: string) => `${kind}#${tenant}`;
  const keyOf = (tenant: string, id: string) => ({ pk: partitionOf(tenant), sk: id });
  const toItem = (kept: Kept) => ({ ...keyOf(kept.tenant, kept.id), ...kept });
  return {
    async read(tenant, id) {
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: keyOf(tenant, id), ConsistentRead: true }),
      );
      return Item ? schema.parse(Item) : null;
    },
    async list({ tenant, limit, cursor }) {
      const after = cursor === undefined ? null : decodeCursor(position, cursor);
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :tenant',
          ExpressionAttributeValues: { ':tenant': partitionOf(tenant) },
          ...(after && { ExclusiveStartKey: keyOf(tenant, after.id) }),
          ScanIndexForward: false,
          ConsistentRead: true,
          // One more than asked for tells whether there is a next page.
          Limit: limit + 1,
        }),
      );
      const items = Items.slice(0, limit).map((item) => schema.parse(item));
      const last = items.at(-1);
      // DynamoDB ends an answer at a megabyte: the page is then short.
      const more = Items.length > limit || LastEvaluatedKey !== undefined;
      return { items, nextCursor: last && more ? encodeCursor({ id: last.id }) : null };
    },
    async add(created) {
      await client.send(new PutCommand({ TableName: tableName, Item: toItem(created) }));
    },
    save: (next) =>
      sendUnlessRefused(() =>
        client.send(
          new PutCommand({
            TableName: tableName,
            Item: toItem(next),
            ConditionExpression: 'revision = :read',
            ExpressionAttributeValues: { ':read': next.revision - 1 },
          }),
        ),
      ),
    remove: (tenant, id) =>
      sendUnlessRefused(() =>
        client.send(
          new DeleteCommand({
            TableName: tableName,
            Key: keyOf(tenant, id),
            ConditionExpression: 'attribute_exists(pk)',
          }),
        ),
      ),
    creation: (created) => ({
      table: tableName,
      key: keyOf(created.tenant, created.id),
      item: toItem(created),
      onlyIf: 'absent',
    }),
    replacement: (next) => ({
      table: tableName,
      key: keyOf(next.tenant, next.id),
      item: toItem(next),
      onlyIf: { attribute: 'revision', equals: next.revision - 1 },
    }),
  };
}

const position = z.strictObject({ id: z.string().min(1).max(128) });

/** Sends a conditional write, which may meet a transaction on the same entity; false when its condition fails. */
async function sendUnlessRefused(send: () => Promise<unknown>): Promise<boolean> {
  try {
    await retryConflicts(send);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

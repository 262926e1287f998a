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
import { type Location, location } from './location.ts';

/** Which of a tenant's locations to list. */
export interface LocationListing {
  readonly tenant: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Keeps locations; a location is changed only by whoever has read its newest revision. */
export interface LocationStore {
  /** The tenant's location, read consistently, or null. */
  read(tenant: string, id: string): Promise<Location | null>;
  /** The tenant's locations, newest first. Throws InvalidCursor. */
  list(listing: LocationListing): Promise<Page<Location>>;
  /** Replaces revision `next.revision - 1`. False when the location has another revision or is gone. */
  save(next: Location): Promise<boolean>;
  /** Forgets the tenant's location, whatever its revision; false when there was none. */
  remove(tenant: string, id: string): Promise<boolean>;
  /** Stores a new location, together with the task that it is committed with. */
  creation(created: Location): AlongsideWrite;
  /** As `save`, together with the task that it is committed with. */
  replacement(next: Location): AlongsideWrite;
}

/**
 * Locations in the applications' table: one item each, all of a tenant's under one partition key in the order of their
 * ids, which are UUIDv7 and so in the order of time. Every call throws what DynamoDB throws.
 */
export function createLocationStore(client: DynamoDBDocumentClient, tableName: string): LocationStore {
  return {
    async read(tenant, id) {
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: keyOf(tenant, id), ConsistentRead: true }),
      );
      return Item ? location.parse(Item) : null;
    },
    async list({ tenant, limit, cursor }) {
      const after = cursor === undefined ? null : decodeCursor(position, cursor);
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :tenant',
          ExpressionAttributeValues: { ':tenant': partitionOf(tenant) },
          ...(after && { ExclusiveStartKey: keyOf(tenant, after.id) }),
          ScanIndexForward: false,
          ConsistentRead: true,
          // One more than asked for tells whether there is a next page. All fit into the megabyte of one answer.
          Limit: limit + 1,
        }),
      );
      const items = Items.slice(0, limit).map((item) => location.parse(item));
      const last = items.at(-1);
      return { items, nextCursor: last && Items.length > limit ? encodeCursor({ id: last.id }) : null };
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

/** Sends a conditional write, which may meet a transaction on the same location; false when its condition fails. */
async function sendUnlessRefused(send: () => Promise<unknown>): Promise<boolean> {
  try {
    await retryConflicts(send);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function partitionOf(tenant: string): string {
  return `locations#${tenant}`;
}

function keyOf(tenant: string, id: string) {
  return { pk: partitionOf(tenant), sk: id };
}

function toItem(kept: Location) {
  return { ...keyOf(kept.tenant, kept.id), ...kept };
}

import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createEntityStore, type EntityStore } from '#functions/runtime/entity-store.ts';
import { type Location, location } from './location.ts';

/** Keeps locations; a location is changed only by whoever has read its newest revision. */
export type LocationStore = EntityStore<Location>;

/** Locations in the applications' table. */
export function createLocationStore(client: DynamoDBDocumentClient, tableName: string): LocationStore {
  return createEntityStore({ client, tableName, kind: 'locations', schema: location });
}

import * as z from 'zod';

// Made once for all records and views: a schema takes some 15 µs to make, and every function makes all of its own before
// it can do anything; the API has hundreds of fields.

/** Any string. */
export const text = z.string();

/** Any string, or null. */
export const nullableText = text.nullable();

/** Any number but NaN and the infinities. */
export const number = z.number();

/** Any number but NaN and the infinities, or null. */
export const nullableNumber = number.nullable();

/** A whole number that JavaScript counts exactly. */
export const whole = z.int();

/** A whole number that JavaScript counts exactly, or null. */
export const nullableWhole = whole.nullable();

/** True or false. */
export const flag = z.boolean();

/** A time as callers see it: ISO-8601 in UTC. */
export const isoTime = z.iso.datetime();

/** A time as callers see it, or null. */
export const nullableIsoTime = isoTime.nullable();

import type { Series } from './alarm.ts';
import type { BinaryOperator, Expression } from './parse-expression.ts';

/** What an expression gives: a number, values in time, or several of those. */
type Value = number | Series | Series[];

/** What the names in an expression stand for, and how long every series is. */
export interface MathScope {
  /** The series of an id; null for an id that there is none of. */
  lookUp(id: string): Series | null;
  /** Those of all metrics, for METRICS(). */
  metrics(): Series[];
  length: number;
}

/**
 * Works out an expression of metric math that gives one series. A value that is missing makes the result of an operator
 * missing; SUM, AVG, MIN and MAX of a list take the values that there are, and those of one series give a number.
 * Division by zero gives no value.
 * Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".
 * @throws Error for a function, a use of one, or an id that is not known, and for a result that is no single series
 */
export function workOut(expression: Expression, scope: MathScope): Series {
  const value = worthOf(expression, scope);
  if (isSeries(value)) return value;
  throw new Error('an alarm needs an expression that gives one series, not a number or a list');
}

function worthOf(expression: Expression, scope: MathScope): Value {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'name':
      return scope.lookUp(expression.name) ?? unknown(`the id ${expression.name}`);
    case 'list':
      return expression.items.flatMap((item) => seriesIn(worthOf(item, scope), 'a list'));
    case 'unary':
      if (expression.operator === 'NOT') return unknown('the operator NOT');
      return map(worthOf(expression.operand, scope), (value) => -value);
    case 'binary':
      return combine(
        worthOf(expression.left, scope),
        worthOf(expression.right, scope),
        OPERATORS[expression.operator],
      );
    case 'call': {
      const apply = FUNCTIONS[expression.name];
      if (apply === undefined) return unknown(`the function ${expression.name}`);
      return apply(expression.given, scope);
    }
    case 'text':
      throw new Error(`the text "${expression.value}" does not fit into metric math here`);
  }
}

const OPERATORS: Readonly<Record<BinaryOperator, (left: number, right: number) => number>> = {
  OR: (left, right) => Number(left !== 0 || right !== 0),
  AND: (left, right) => Number(left !== 0 && right !== 0),
  '==': (left, right) => Number(left === right),
  '!=': (left, right) => Number(left !== right),
  '<': (left, right) => Number(left < right),
  '<=': (left, right) => Number(left <= right),
  '>': (left, right) => Number(left > right),
  '>=': (left, right) => Number(left >= right),
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '^': (left, right) => left ** right,
};

type MathFunction = (given: readonly Expression[], scope: MathScope) => Value;

const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  SUM: aggregate((values) => values.reduce((sum, value) => sum + value, 0)),
  AVG: aggregate((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
  MAX: aggregate((values) => Math.max(...values)),
  MIN: aggregate((values) => Math.min(...values)),
  ABS: each(Math.abs),
  CEIL: each(Math.ceil),
  FLOOR: each(Math.floor),
  IF: (given, scope) => {
    const [condition, whenTrue, whenFalse] = argumentsOf('IF', given, scope, 2, 3);
    if (condition === undefined || isList(condition)) return misused('IF');
    if (!isSeries(condition)) {
      const chosen = condition === 0 ? whenFalse : whenTrue;
      return chosen ?? Array.from({ length: scope.length }, () => null);
    }
    return condition.map((met, index) => (met === null ? null : at(met === 0 ? whenFalse : whenTrue, index)));
  },
  FILL: (given, scope) => {
    const [series, filler] = given;
    if (series === undefined || filler === undefined || given.length > 2) return misused('FILL');
    const value = worthOf(series, scope);
    const fill = fillerOf(filler, scope);
    const filled = (one: Series) => {
      let before: number | null = null;
      return one.map((point, index) => {
        before = point ?? (fill === 'REPEAT' ? before : at(fill, index));
        return before;
      });
    };
    if (isList(value)) return value.map(filled);
    return isSeries(value) ? filled(value) : misused('FILL');
  },
  METRICS: (given, scope) => (given.length === 0 ? scope.metrics() : unknown('METRICS with a filter')),
};

function fillerOf(filler: Expression, scope: MathScope): Value | 'REPEAT' {
  if (filler.kind !== 'name') return worthOf(filler, scope);
  if (filler.name === 'REPEAT') return 'REPEAT';
  return filler.name === 'LINEAR' ? unknown('FILL with LINEAR') : worthOf(filler, scope);
}

/** Of a list, the series of the results at each time; of one series, one number. */
function aggregate(apply: (values: number[]) => number): MathFunction {
  const ofExisting = (values: Series) => {
    const existing = values.filter((value) => value !== null);
    return existing.length === 0 ? null : apply(existing);
  };
  return (given, scope) => {
    const values = given.map((argument) => worthOf(argument, scope));
    const [only] = values;
    if (only !== undefined && values.length === 1 && isSeries(only))
      return ofExisting(only) ?? only.map(() => null);
    const series = values.flatMap((value) => seriesIn(value, 'what is aggregated'));
    return Array.from({ length: scope.length }, (_none, index) =>
      ofExisting(series.map((one) => one[index] ?? null)),
    );
  };
}

function each(apply: (value: number) => number): MathFunction {
  return (given, scope) => {
    const [value] = argumentsOf('a function of one series', given, scope, 1, 1);
    return map(value ?? 0, apply);
  };
}

function argumentsOf(
  name: string,
  given: readonly Expression[],
  scope: MathScope,
  least: number,
  most: number,
): Value[] {
  if (given.length < least || given.length > most) misused(name);
  return given.map((argument) => worthOf(argument, scope));
}

function map(value: Value, apply: (value: number) => number): Value {
  const one = (series: Series) => series.map((point) => (point === null ? null : finite(apply(point))));
  if (isList(value)) return value.map(one);
  return isSeries(value) ? one(value) : apply(value);
}

/** Pairs series with series, and a number or one series with each. */
function combine(left: Value, right: Value, apply: (left: number, right: number) => number): Value {
  if (isList(left) && isList(right)) throw new Error('two lists cannot be combined by an operator');
  if (isList(left)) return left.map((one) => asSeries(combine(one, right, apply)));
  if (isList(right)) return right.map((one) => asSeries(combine(left, one, apply)));
  if (typeof left === 'number' && typeof right === 'number') return apply(left, right);
  const length = Math.max(...[left, right].map((side) => (isSeries(side) ? side.length : 0)));
  return Array.from({ length }, (_none, index) => {
    const [one, other] = [at(left, index), at(right, index)];
    return one === null || other === null ? null : finite(apply(one, other));
  });
}

function at(value: Value | undefined, index: number): number | null {
  if (value === undefined || isList(value)) return null;
  return isSeries(value) ? (value[index] ?? null) : value;
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

function isList(value: Value): value is Series[] {
  return Array.isArray(value) && value.some((item) => Array.isArray(item));
}

function isSeries(value: Value): value is Series {
  return Array.isArray(value) && !isList(value);
}

function asSeries(value: Value): Series {
  return isSeries(value) ? value : misused('a list in a list');
}

function seriesIn(value: Value, where: string): Series[] {
  if (isList(value)) return value;
  return isSeries(value) ? [value] : unknown(`a number in ${where}`);
}

function misused(name: string): never {
  throw new Error(`${name} has the wrong arguments`);
}

function unknown(what: string): never {
  throw new Error(`${what} is not known: teach it to tools/laptop-cloud/alarms/metric-math.ts`);
}

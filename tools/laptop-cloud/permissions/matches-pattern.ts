/**
 * Whether a text fits a pattern in which `*` stands for any number of characters and `?` for one; all others are
 * themselves.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let afterStar = 0;
  // To the last star and no further back: each earlier one has taken as little as it can.
  while (at < text.length) {
    if (pattern[inPattern] === '*') {
      star = inPattern++;
      afterStar = at;
    } else if (pattern[inPattern] === '?' || pattern[inPattern] === text[at]) {
      inPattern++;
      at++;
    } else if (star >= 0) {
      inPattern = star + 1;
      at = ++afterStar;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '*') inPattern++;
  return inPattern === pattern.length;
}

/** Partition, service, region and account: what stands before the resource in an ARN. */
const PARTS_BEFORE_RESOURCE = 5;

/**
 * Whether an ARN fits a pattern of ARNs. A wildcard stays within its part, but for the last part, the resource, which
 * may hold colons itself; a pattern that is `*` alone fits everything.
 * Source: IAM User Guide, "IAM JSON policy elements: Resource", wildcards in ARNs.
 */
export function matchesArn(pattern: string, arn: string): boolean {
  if (pattern === '*') return true;
  const patterns = splitArn(pattern);
  const parts = splitArn(arn);
  return (
    patterns.length === parts.length &&
    patterns.every((part, index) => matchesPattern(part, parts[index] ?? ''))
  );
}

/** Whether a text has the parts of an ARN. */
export function isArn(text: string): boolean {
  return text.startsWith('arn:') && splitArn(text).length === PARTS_BEFORE_RESOURCE + 1;
}

function splitArn(arn: string): string[] {
  const parts = arn.split(':');
  const before = parts.slice(0, PARTS_BEFORE_RESOURCE);
  const resource = parts.slice(PARTS_BEFORE_RESOURCE);
  return resource.length === 0 ? before : [...before, resource.join(':')];
}

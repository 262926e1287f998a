import type { Sabotage } from '../sabotage.ts';
import { ackBeforeSave } from './ack-before-save.ts';
import { cancelFlagDropped } from './cancel-flag-dropped.ts';
import { claimWithoutCondition } from './claim-without-condition.ts';
import { createOverwrites } from './create-overwrites.ts';
import { dlqCopyLost } from './dlq-copy-lost.ts';
import { leaseIgnored } from './lease-ignored.ts';
import { letterMarkedBeforeSent } from './letter-marked-before-sent.ts';
import { lookNotPulledForward } from './look-not-pulled-forward.ts';
import { lostNotCounted } from './lost-not-counted.ts';
import { noEpochCheck } from './no-epoch-check.ts';
import { noReconciler } from './no-reconciler.ts';
import { poisonInCompany } from './poison-in-company.ts';
import { retryCountReset } from './retry-count-reset.ts';
import { stepBeginNotMarked } from './step-begin-not-marked.ts';
import { stepNotRecorded } from './step-not-recorded.ts';
import { stepsOutliveEdit } from './steps-outlive-edit.ts';
import { stepsWithoutFencing } from './steps-without-fencing.ts';
import { transitionIgnoringVersion } from './transition-ignoring-version.ts';
import { uniqueLockIgnored } from './unique-lock-ignored.ts';
import { wakeMovedWithoutVersion } from './wake-moved-without-version.ts';

/** Every fault that can be built in on purpose. */
export const everySabotage: readonly Sabotage[] = [
  ...[claimWithoutCondition, transitionIgnoringVersion, ackBeforeSave, createOverwrites, noReconciler],
  ...[noEpochCheck, leaseIgnored, stepNotRecorded, stepBeginNotMarked, stepsWithoutFencing, stepsOutliveEdit],
  ...[
    dlqCopyLost,
    letterMarkedBeforeSent,
    cancelFlagDropped,
    retryCountReset,
    lostNotCounted,
    poisonInCompany,
  ],
  ...[wakeMovedWithoutVersion, lookNotPulledForward, uniqueLockIgnored],
];

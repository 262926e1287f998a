import type { Sabotage } from '../sabotage.ts';
import { ackBeforeSave } from './ack-before-save.ts';
import { cancelFlagDropped } from './cancel-flag-dropped.ts';
import { claimWithoutCondition } from './claim-without-condition.ts';
import { continuationCountsAttempt } from './continuation-counts-attempt.ts';
import { continuationForgetsSteps } from './continuation-forgets-steps.ts';
import { createOverwrites } from './create-overwrites.ts';
import { dlqCopyLost } from './dlq-copy-lost.ts';
import { etaIgnored } from './eta-ignored.ts';
import { expiryIgnored } from './expiry-ignored.ts';
import { gateWithoutCondition } from './gate-without-condition.ts';
import { hookFailsTask } from './hook-fails-task.ts';
import { leaseIgnored } from './lease-ignored.ts';
import { letterMarkedBeforeSent } from './letter-marked-before-sent.ts';
import { lookNotPulledForward } from './look-not-pulled-forward.ts';
import { lostNotCounted } from './lost-not-counted.ts';
import { noEpochCheck } from './no-epoch-check.ts';
import { noReconciler } from './no-reconciler.ts';
import { placeNeverFree } from './place-never-free.ts';
import { placesWithoutCondition } from './places-without-condition.ts';
import { poisonInCompany } from './poison-in-company.ts';
import { retryCountReset } from './retry-count-reset.ts';
import { snoozeSpendsAttempt } from './snooze-spends-attempt.ts';
import { stepBeginNotMarked } from './step-begin-not-marked.ts';
import { stepNotRecorded } from './step-not-recorded.ts';
import { stepsOutliveEdit } from './steps-outlive-edit.ts';
import { stepsWithoutFencing } from './steps-without-fencing.ts';
import { transitionIgnoringVersion } from './transition-ignoring-version.ts';
import { twinLosesPlace } from './twin-loses-place.ts';
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
  ...[etaIgnored, expiryIgnored, snoozeSpendsAttempt, gateWithoutCondition],
  ...[placesWithoutCondition, placeNeverFree, continuationCountsAttempt, continuationForgetsSteps],
  ...[hookFailsTask, twinLosesPlace],
  ...[wakeMovedWithoutVersion, lookNotPulledForward, uniqueLockIgnored],
];

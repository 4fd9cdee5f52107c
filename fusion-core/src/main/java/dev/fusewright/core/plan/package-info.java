/**
 * What a fusion is: a plan, never a mutation.
 *
 * <p>A {@link dev.fusewright.core.plan.FusionPlan} is an ordered list of {@link
 * dev.fusewright.core.plan.Fusion}s, each with the edits that carry it out, and of {@link
 * dev.fusewright.core.plan.Refusal}s, each with a stable {@link dev.fusewright.core.plan.Reason}.
 * It can be printed, single fusions can be dropped from it, and applying it yields a new graph that
 * shares all untouched parts with the old one.
 *
 * <p>Must never appear here: patterns, rules, files.
 */
@NullMarked
package dev.fusewright.core.plan;

import org.jspecify.annotations.NullMarked;

/**
 * The rules: which sites can be fused, when that is sound, and what stands there afterwards.
 *
 * <p>A rule is three steps that are never mixed: {@code pattern()} says the shape, {@code check()}
 * says when it is sound, {@code rewrite()} builds the replacement and cannot fail. {@link
 * dev.fusewright.core.rules.Rules} lists them in order. Each has a test and a page of its id under
 * {@code src/site/rules}.
 *
 * <p>Must never appear here: files, the order of application, mutable graphs.
 */
@NullMarked
package dev.fusewright.core.rules;

import org.jspecify.annotations.NullMarked;

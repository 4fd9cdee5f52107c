/**
 * The pattern language: which nodes, feeding one another in which way, make a site.
 *
 * <p>A {@link dev.fusewright.core.match.Pattern} is a chain of operators that ends in its root, the
 * node nearest the output, and is followed upwards against the data. Its nodes are captured by
 * typed constants. Matching yields a {@link dev.fusewright.core.match.Match}, nothing, or a near
 * miss: the shape is there, but an inner value has other readers. {@link
 * dev.fusewright.core.match.Constants} tells what value an operand has, or why it has none.
 *
 * <p>Must never appear here: knowledge of any particular fusion.
 */
@NullMarked
package dev.fusewright.core.match;

import org.jspecify.annotations.NullMarked;

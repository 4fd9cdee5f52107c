/**
 * Makes a plan: tries the rules on every scope of a model until none applies any more.
 *
 * <p>The work is linear in the size of the model: a node is looked at again only when something
 * beside it has changed, and a budget of steps bounds what rules could do to one another.
 *
 * <p>Must never appear here: knowledge of any particular rule, files.
 */
@NullMarked
package dev.fusewright.core.engine;

import org.jspecify.annotations.NullMarked;

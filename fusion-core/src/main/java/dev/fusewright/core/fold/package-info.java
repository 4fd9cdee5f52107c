/**
 * The arithmetic of folding BatchNorm into the layer before it, apart from where the numbers come
 * from.
 *
 * <p>Must never appear here: graphs, state dicts, files.
 */
@NullMarked
package dev.fusewright.core.fold;

import org.jspecify.annotations.NullMarked;

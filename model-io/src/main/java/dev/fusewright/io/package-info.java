/**
 * What every checkpoint format shares: how a file that cannot be read says so.
 *
 * <p>Readers of any format throw a {@link dev.fusewright.io.CheckpointException} and nothing else
 * for whatever a file may contain: {@link dev.fusewright.io.UnreadableFileException} if its bytes
 * cannot be had, {@link dev.fusewright.io.MalformedFileException} if they break their own format,
 * {@link dev.fusewright.io.UnsupportedFormatException} if they are sound but beyond this reader,
 * {@link dev.fusewright.io.TooLargeException} if they ask for more than the reader's budget. Each
 * carries a {@link dev.fusewright.io.Problem}: the resource, the place in it, what was expected,
 * what was found, and what to do.
 *
 * <p>Must never appear here: a particular format, storage, graphs, Beam.
 */
@NullMarked
package dev.fusewright.io;

import org.jspecify.annotations.NullMarked;

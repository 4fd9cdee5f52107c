/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.io.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A file that is read by position, from any thread, and that names itself in errors.
 *
 * <p>Its size is taken once, when it is opened: a file that shrinks afterwards fails at the read.
 */
public final class OpenFile implements Closeable {
  private final String label;
  private final FileChannel channel;
  private final long size;

  private OpenFile(String label, FileChannel channel, long size) {
    this.label = label;
    this.channel = channel;
    this.size = size;
  }

  /**
   * Opens a file.
   *
   * @throws UnreadableFileException if it is missing, a directory, or may not be read
   */
  public static OpenFile open(Path path) {
    return open(path, path.toString());
  }

  /** Opens a file that errors call by another name, such as an unpacked part of an archive. */
  public static OpenFile open(Path path, String label) {
    FileChannel channel = CheckpointFiles.open(path);
    try {
      return new OpenFile(label, channel, channel.size());
    } catch (IOException e) {
      throw new UnreadableFileException(
          Problem.in(label).expected("a readable file").found(String.valueOf(e.getMessage())), e);
    }
  }

  /** What errors call this file. */
  public String label() {
    return label;
  }

  /** Bytes in the file when it was opened. */
  public long size() {
    return size;
  }

  /** For transfers and maps; closing it is this object's business. */
  public FileChannel channel() {
    return channel;
  }

  /** The whole file. */
  public FileRegion whole() {
    return new FileRegion(this, 0, size);
  }

  /** The beginning of an error at a byte of this file. */
  public Problem problemAt(long offset) {
    return Problem.in(label).at(offset);
  }

  /**
   * Fills {@code destination} from {@code position} on.
   *
   * @throws UnreadableFileException if the device fails or the file ends before
   */
  public void read(long position, ByteBuffer destination) {
    long at = position;
    try {
      while (destination.hasRemaining()) {
        int count = channel.read(destination, at);
        if (count < 0) {
          throw new UnreadableFileException(
              problemAt(at)
                  .expected(destination.remaining() + " more bytes")
                  .found("the end of the file"));
        }
        at += count;
      }
    } catch (IOException e) {
      throw new UnreadableFileException(
          problemAt(at).expected("readable bytes").found(String.valueOf(e.getMessage())), e);
    }
  }

  /** A few bytes, little-endian. */
  public ByteBuffer bytes(long position, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    read(position, bytes);
    return bytes.flip();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UnreadableFileException(
          Problem.in(label)
              .expected("a file that can be closed")
              .found(String.valueOf(e.getMessage())),
          e);
    }
  }
}

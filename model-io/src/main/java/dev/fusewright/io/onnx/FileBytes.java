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
package dev.fusewright.io.onnx;

import dev.fusewright.io.file.CheckpointFiles;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnreadableFileException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** An open file, read by position and from any thread; no part of it is ever held. */
final class FileBytes implements Closeable {
  private final Path path;
  private final FileChannel channel;
  private final long size;

  private FileBytes(Path path, FileChannel channel, long size) {
    this.path = path;
    this.channel = channel;
    this.size = size;
  }

  static FileBytes open(Path path) {
    FileChannel channel = CheckpointFiles.open(path);
    try {
      return new FileBytes(path, channel, channel.size());
    } catch (IOException e) {
      throw new UnreadableFileException(Problem.in(path).expected("a file with a size"), e);
    }
  }

  Path path() {
    return path;
  }

  long size() {
    return size;
  }

  FileChannel channel() {
    return channel;
  }

  /** Fills {@code destination} from {@code position}. */
  void read(long position, ByteBuffer destination) {
    long at = position;
    try {
      while (destination.hasRemaining()) {
        int count = channel.read(destination, at);
        if (count < 0) {
          throw new MalformedFileException(
              Problem.in(path)
                  .at(at)
                  .expected(destination.remaining() + " more bytes")
                  .found("the end of the file")
                  .hint("It was cut short while it was read"));
        }
        at += count;
      }
    } catch (IOException e) {
      throw new UnreadableFileException(
          Problem.in(path).at(at).expected("a readable byte").found(String.valueOf(e.getMessage())),
          e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UnreadableFileException(Problem.in(path).expected("to close the file"), e);
    }
  }
}

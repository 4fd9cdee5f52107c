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
package dev.fusewright.pipeline.beam;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * Local files, by a scheme of their own, on a disk that is full at writes which a test chooses.
 * Half of such a write is made.
 */
public final class FillingFileSystem extends RawLocalFileSystem {
  /** Whether a write finds no room. */
  @FunctionalInterface
  interface Full {
    /**
     * Asked before each write.
     *
     * @param write counted from 0
     * @param file without what is temporary in its name
     */
    boolean at(int write, String file);
  }

  static final String SCHEME = "full";

  private static final Pattern TEMPORARY =
      Pattern.compile("/\\.([^/]+)\\.[^./]+\\.[^./]+\\.fusewright-tmp$");

  private static final List<String> WRITES = new ArrayList<>();
  private static Full full = (write, file) -> false;
  private static int failed;

  /** From now on, with writes counted anew. */
  static void fill(Full now) {
    WRITES.clear();
    full = now;
    failed = 0;
  }

  static void neverFill() {
    fill((write, file) -> false);
  }

  /** The file of each write, without what is temporary in its name. */
  static List<String> writes() {
    return List.copyOf(WRITES);
  }

  /** How many writes found no room. */
  static int failed() {
    return failed;
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":///");
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return filling(
        file, super.create(file, overwrite, bufferSize, replication, blockSize, progress));
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return filling(
        file,
        super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress));
  }

  @Override
  public FileStatus getFileStatus(Path file) throws IOException {
    return plain(super.getFileStatus(file));
  }

  @Override
  public FileStatus[] listStatus(Path folder) throws IOException {
    return Arrays.stream(super.listStatus(folder))
        .map(FillingFileSystem::plain)
        .toArray(FileStatus[]::new);
  }

  @Override
  public FileStatus getFileLinkStatus(Path file) throws IOException {
    return getFileStatus(file);
  }

  /** Not kept: Hadoop starts a process for it. */
  @Override
  public void setPermission(Path file, FsPermission permission) {}

  /** Without the permissions, which the local file system looks up by its own scheme. */
  private static FileStatus plain(FileStatus status) {
    return new FileStatus(
        status.getLen(),
        status.isDirectory(),
        /* block_replication= */ 1,
        status.getBlockSize(),
        status.getModificationTime(),
        status.getPath());
  }

  private static FSDataOutputStream filling(Path file, FSDataOutputStream out) throws IOException {
    String name = TEMPORARY.matcher(file.toUri().getPath()).replaceFirst("/$1");
    return new FSDataOutputStream(new Filling(name, out), null);
  }

  private static final class Filling extends OutputStream {
    private final String file;
    private final OutputStream out;

    Filling(String file, OutputStream out) {
      this.file = file;
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int write = WRITES.size();
      WRITES.add(file);
      if (full.at(write, file)) {
        failed++;
        out.write(bytes, offset, length / 2);
        throw new IOException("No space left on device");
      }
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}

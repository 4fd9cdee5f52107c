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
package dev.fusewright.io.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A local folder for the files of one model; it goes, with everything in it, when it is closed. If
 * the process dies before that, the next {@link ScratchSpace} of the same root removes it.
 *
 * <p>One that is part of a {@link ScratchSpace} is made when the first file in it is named: a model
 * that needs none costs nothing.
 */
public final class Scratch implements AutoCloseable {
  private final Path folder;
  private final @Nullable ByteBudget budget;
  private final End end;
  private boolean isMade;
  private ByteBudget.@Nullable Claim claim;

  private Scratch(Path folder, boolean isMade, @Nullable ByteBudget budget, End end) {
    this.folder = folder;
    this.isMade = isMade;
    this.budget = budget;
    this.end = end;
  }

  /** What is done when nothing is in the folder any more. */
  interface End {
    void run() throws IOException;
  }

  /**
   * Makes a new folder without a budget.
   *
   * @param root existing folder with room for a few models
   */
  public static Scratch in(Path root) throws IOException {
    ScratchLock lock = ScratchLock.newFolder(root);
    return new Scratch(lock.folder(), /* isMade= */ true, null, lock::close);
  }

  /** A folder that is not there yet, in one that somebody else has locked. */
  static Scratch part(Path folder, @Nullable ByteBudget budget, End end) {
    AtomicBoolean isEnded = new AtomicBoolean();
    return new Scratch(
        folder,
        /* isMade= */ false,
        budget,
        () -> {
          if (isEnded.compareAndSet(false, true)) {
            end.run();
          }
        });
  }

  /**
   * Says how much will be written here in all, and waits until the budget has room for it. May be
   * said again, when more is known.
   *
   * @param owner of the files, for messages
   * @param bytes in all, with what is already there
   * @throws ScratchExceededException if it is more than the whole budget
   */
  public void need(Location owner, long bytes) throws IOException {
    if (budget == null) {
      return;
    }
    if (bytes > budget.total()) {
      throw new ScratchExceededException(
          "%s: expected to need at most the %,d bytes of scratch space that this worker has, found %,d (its copy, what is made of it, and a margin); use a larger --scratch-budget, or another --scratch"
              .formatted(owner, budget.total(), bytes));
    }
    try {
      if (claim == null) {
        claim = budget.claim(bytes);
      } else {
        claim.grow(bytes);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException(owner + ": interrupted while waiting for scratch space");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  /**
   * The path of a file in this folder; the file is not made.
   *
   * @throws IllegalArgumentException if the name leads out of the folder
   * @throws IOException if the folder cannot be made
   */
  public Path file(String name) throws IOException {
    Path file = folder.resolve(name).normalize();
    if (!file.startsWith(folder) || file.equals(folder)) {
      throw new IllegalArgumentException("'" + name + "' is no name below " + folder);
    }
    folder();
    return file;
  }

  /**
   * The folder.
   *
   * @throws IOException if it cannot be made
   */
  public Path folder() throws IOException {
    if (!isMade) {
      Files.createDirectory(folder);
      isMade = true;
    }
    return folder;
  }

  @Override
  public void close() throws IOException {
    try {
      if (isMade) {
        LocalFolders.delete(folder);
      }
    } finally {
      try {
        end.run();
      } finally {
        release();
      }
    }
  }

  private void release() {
    if (claim != null) {
      claim.close();
    }
  }
}

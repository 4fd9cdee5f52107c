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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local space that the workers of one JVM share: one locked folder, which is there as long as
 * anybody uses it, with a part for each model. A model claims what it will need before it is
 * fetched, and waits for it; see {@link ByteBudget} for who goes first.
 */
public final class ScratchSpace {
  private static final Logger LOG = LoggerFactory.getLogger(ScratchSpace.class);

  /** Of what is free when the first worker starts; the rest is for whoever else writes there. */
  private static final double SHARE = 0.8;

  private static final String S3A_BUFFERS = "fs.s3a.buffer.dir";

  private static final Map<ScratchSettings, ScratchSpace> SHARED = new HashMap<>();

  private final Path root;
  private final @Nullable ByteBudget budget;
  private @Nullable Scratch shared;
  private int users;
  private long parts;

  private ScratchSpace(Path root, @Nullable ByteBudget budget) {
    this.root = root;
    this.budget = budget;
  }

  /**
   * The space that all workers of this JVM with the same settings share. What processes left there
   * that are no more is removed when it is first asked for.
   */
  public static ScratchSpace shared(ScratchSettings settings) throws IOException {
    synchronized (SHARED) {
      ScratchSpace space = SHARED.get(settings);
      if (space == null) {
        space = start(settings);
        SHARED.put(settings, space);
      }
      return space;
    }
  }

  private static ScratchSpace start(ScratchSettings settings) throws IOException {
    Path root = Files.createDirectories(settings.folder());
    removeOrphans(root);
    long free = Files.getFileStore(root).getUsableSpace();
    long bytes = settings.budget() == null ? (long) (free * SHARE) : settings.budget();
    LOG.info("scratch: {}, {} of {} free bytes", root, bytes, free);
    return new ScratchSpace(root, new ByteBudget(Math.max(1, bytes)));
  }

  /** A space without a budget, for commands on single files. */
  public static ScratchSpace unlimited(Path root) {
    removeOrphans(root);
    return new ScratchSpace(root, null);
  }

  private static void removeOrphans(Path root) {
    try {
      int removed = ScratchLock.removeOrphans(root);
      if (removed > 0) {
        LOG.warn("{}: removed {} scratch folders of processes that are no more", root, removed);
      }
    } catch (IOException e) {
      // No reason not to work: what was left takes room, which is counted as not free.
      LOG.debug("{}: left-over scratch folders cannot be looked for", root, e);
    }
  }

  /**
   * Lets stores buffer uploads here, in a folder that the last who uses it removes; after a crash,
   * the next space of the same root. What somebody else configured stays.
   *
   * <p>Not removed by a hook of the JVM's end: on a session cluster it would keep the classes of
   * every job that was ever run.
   */
  public synchronized UploadBuffers buffers(StorageConfiguration configuration) throws IOException {
    Path buffers = use().resolve("buffers");
    if (configuration.properties().containsKey(S3A_BUFFERS)) {
      return new UploadBuffers(configuration, this::release);
    }
    try {
      Files.createDirectories(buffers);
    } catch (IOException e) {
      release();
      throw e;
    }
    return new UploadBuffers(configuration.with(S3A_BUFFERS, buffers.toString()), this::release);
  }

  /** The folder of all, until it is released as often. */
  private synchronized Path use() throws IOException {
    Scratch used = shared;
    if (used == null) {
      used = Scratch.in(root);
      shared = used;
    }
    users++;
    return used.folder();
  }

  private synchronized void release() throws IOException {
    users--;
    if (users == 0 && shared != null) {
      Scratch unused = shared;
      shared = null;
      unused.close();
    }
  }

  /** A new folder in it. */
  public synchronized Scratch folder() throws IOException {
    return Scratch.part(use().resolve(Long.toString(parts++)), budget, this::release);
  }

  /** Where it is. */
  public Path root() {
    return root;
  }
}

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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.modules.FusionMode;
import dev.fusewright.io.Formats;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.format.Format;
import dev.fusewright.io.ranged.RangedFiles;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.RangeReads;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StoredFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides which files of a model are not fetched but read where they are: large ones, of formats
 * that are read by ranges, where nobody else than this process opens them.
 */
final class Mounting {
  /** Below this a copy takes fewer requests than its ranges would. */
  static final long STANDARD_LEAST = 1L << 30;

  /** Of a model of several files, those are fetched that are so many times smaller. */
  private static final long SMALL_SHARE = 128;

  private final FuseRequest request;
  private final FuseModel flow;
  private final Scratch scratch;
  private final boolean isAllowed;
  private final RangedFiles files;
  private final Map<Location, StoredFile> mounted = new LinkedHashMap<>();
  private long inAll;

  private Mounting(FuseRequest request, FuseModel flow, Scratch scratch, boolean isAllowed) {
    this.request = request;
    this.flow = flow;
    this.scratch = scratch;
    this.isAllowed = isAllowed;
    this.files = new RangedFiles(new RangeReads(flow.store(), request.settings().fetchTimeout()));
  }

  /**
   * Files are mounted where what is asked for allows it: a runtime opens none, nor does QAT, and
   * what is replaced cannot be read again where an answer to its publication was lost.
   */
  static Mounting of(FuseRequest request, FuseModel flow, Scratch scratch) {
    boolean isAllowed =
        !request.source().isLocal()
            && request.placement() == FuseRequest.Placement.BESIDE
            && !request.settings().proof().checksModel()
            && request.settings().fusion() == FusionMode.EVAL;
    return new Mounting(request, flow, scratch, isAllowed);
  }

  /** Every file is fetched. */
  static Mounting none(FuseRequest request, FuseModel flow, Scratch scratch) {
    return new Mounting(request, flow, scratch, /* isAllowed= */ false);
  }

  /** Makes room for a model before it is looked into. */
  void admit(StoredFile model) throws IOException {
    inAll = model.bytes();
    scratch.need(
        request.source(),
        isLarge(model.bytes())
            ? ScratchNeed.of(request, /* staged= */ 0, model.bytes(), /* computed= */ 0)
            : ScratchNeed.of(request, model.bytes()));
  }

  private boolean isLarge(long bytes) {
    return isAllowed && bytes >= flow.mountedFrom();
  }

  /** Mounts the model itself, if it is large. */
  Staging.Mounts model() {
    return (source, file) -> {
      forget(source, file);
      if (!isLarge(source.bytes())) {
        return null;
      }
      Path path = mounted(source, file, source.location().name());
      if (path == null) {
        scratch.need(request.source(), ScratchNeed.of(request, source.bytes()));
      }
      return path;
    };
  }

  /**
   * Makes room for a model's data files, and mounts the large ones if the model is large with them.
   *
   * @param format of the model
   */
  Staging.Mounts data(Format format, List<StoredFile> dataFiles) throws IOException {
    inAll += bytes(dataFiles);
    if (!isLarge(inAll) || !format.isReadByRanges()) {
      scratch.need(request.source(), ScratchNeed.of(request, inAll));
      return Staging.Mounts.NONE;
    }
    long stay = bytes(mounted.values());
    for (StoredFile file : dataFiles) {
      stay += isMountable(file) ? file.bytes() : 0;
    }
    scratch.need(request.source(), ScratchNeed.of(request, inAll - stay, stay, /* computed= */ 0));
    return (source, file) -> {
      forget(source, file);
      if (!isMountable(source)) {
        return null;
      }
      if (!format.isOfParts()) {
        return mounted(source, file);
      }
      Path path = mounted(source, file, source.location().name());
      if (path == null) {
        scratch.need(request.source(), ScratchNeed.of(request, inAll));
      }
      return path;
    };
  }

  private boolean isMountable(StoredFile dataFile) {
    return dataFile.bytes() >= flow.mountedFrom() / SMALL_SHARE;
  }

  private static long bytes(Collection<StoredFile> files) {
    return files.stream().mapToLong(StoredFile::bytes).sum();
  }

  /** Another version of a file may have been mounted before. */
  private void forget(StoredFile source, Path file) throws IOException {
    if (mounted.remove(source.location()) != null) {
      files.unmount(file);
    }
  }

  /** Mounts a file of which its bytes say how it is read; null if not by ranges. */
  private @Nullable Path mounted(StoredFile source, Path file, String name) throws IOException {
    Path path = files.mount(source, file);
    if (isReadByRanges(path, name)) {
      mounted.put(source.location(), source);
      return path;
    }
    files.unmount(file);
    return null;
  }

  private Path mounted(StoredFile source, Path file) throws IOException {
    mounted.put(source.location(), source);
    return files.mount(source, file);
  }

  /** What cannot be told is fetched, and told then. */
  private static boolean isReadByRanges(Path path, String name) {
    try {
      return Formats.of(path, name).isReadByRanges();
    } catch (CheckpointException e) {
      return false;
    }
  }

  /** Whether a file of the model is mounted. */
  boolean isUsed() {
    return !mounted.isEmpty();
  }

  /** The path by which a file in scratch is read and written: where one is mounted, a view's. */
  Path view(Path file) {
    return isUsed() ? files.view(file) : file;
  }

  /**
   * Makes room for what will be computed of a model of which files are mounted.
   *
   * @param computed bytes
   */
  void claim(long computed) throws IOException {
    if (isUsed()) {
      long bytes = bytes(mounted.values());
      scratch.need(
          request.source(), ScratchNeed.of(request, Math.max(0, inAll - bytes), bytes, computed));
    }
  }

  /** Whether the digest of what is published is taken on the way: all of it is sent. */
  boolean isStreamed(Location target) {
    return isUsed() && !target.scheme().equals(request.source().scheme());
  }

  /** The sha256 of a file in scratch. */
  String sha256(Path file) throws IOException {
    return isUsed() ? files.sha256(file) : Staging.sha256(file);
  }

  /** Publishes a file in scratch that nobody needs any more. */
  StoredFile take(Path file, Location target) throws IOException {
    return isUsed()
        ? flow.store().assemble(file, files.stored(file), target)
        : flow.store().take(file, target);
  }

  /** Publishes a file of the source, which stays. */
  StoredFile copy(Path file, Location target) throws IOException {
    return isUsed()
        ? flow.store().assemble(file, files.stored(file), target)
        : flow.store().publish(file, target);
  }

  /**
   * Looks at the mounted files once more.
   *
   * @throws SourceChangedException if one is another than was read
   */
  void requireUntouched() throws IOException, SourceChangedException {
    for (StoredFile file : mounted.values()) {
      if (!file.equals(flow.store().status(file.location()).orElse(null))) {
        throw UntouchedFiles.changed(file.location());
      }
    }
  }
}

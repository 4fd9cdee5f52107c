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

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.report.FileState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes a model visible: what was fused, or the source as it is. */
final class Publication {
  private final JobContext context;

  Publication(JobContext context) {
    this.context = context;
  }

  private FuseRequest request() {
    return context.request();
  }

  String name() {
    Location target = request().target();
    return target == null ? request().source().name() : target.name();
  }

  /** Known before anything is written; of data files, when they are. */
  void refuseToReplaceTheSource() throws Exception {
    Location target = request().target();
    if (target == null) {
      return;
    }
    if (request().placement() == FuseRequest.Placement.BESIDE
        && isSame(target, request().source())) {
      throw new RequestException(
          target + ": the output is the source itself; choose another place for the output");
    }
    for (FileState read : context.report().companions()) {
      if (isSame(target, Location.of(read.getUri()))) {
        throw new RequestException(
            target
                + ": the output is a file that the source needs; choose another place for the output");
      }
    }
  }

  /** Data files of the same names beside the source are the source's, unless it is replaced. */
  private void refuseToReplaceDataFiles(Path folder, List<String> names) throws Exception {
    Location target = Objects.requireNonNull(request().target());
    if (request().placement() == FuseRequest.Placement.IN_PLACE) {
      SharedData.refuse(target, names);
      return;
    }
    for (String name : names) {
      Location data = target.parent().resolve(name);
      boolean isSource = isSame(data, request().source());
      for (FileState read : context.report().companions()) {
        Location own = Location.of(read.getUri());
        isSource |= isSame(data, own) && !isCopy(folder.resolve(name), read);
      }
      if (isSource) {
        throw new RequestException(
            "%s: the data file %s of the output is a file that the source needs; give the output another name or folder"
                .formatted(target, name));
      }
    }
  }

  private static boolean isCopy(Path file, FileState read) throws IOException {
    Location own = Location.of(read.getUri());
    return own.isLocal()
        ? Files.mismatch(file, own.localPath()) < 0
        : Staging.sha256(file).equals(read.getSha256());
  }

  private static boolean isSame(Location one, Location other) throws IOException {
    return one.equals(other)
        || (one.isLocal()
            && other.isLocal()
            && Files.exists(one.localPath())
            && Files.exists(other.localPath())
            && Files.isSameFile(one.localPath(), other.localPath()));
  }

  /**
   * Publishes the source, where that is asked for.
   *
   * @param dataFiles of the source, relative to it
   */
  void copy(List<String> dataFiles, FuseSettings.Unfused unfused) throws Exception {
    Location target = request().target();
    if (target == null || request().placement() == FuseRequest.Placement.IN_PLACE) {
      return;
    }
    if (unfused == FuseSettings.Unfused.OMIT) {
      context.report().omitted();
      return;
    }
    context.clock().at(Stage.PUBLISH, () -> copy(dataFiles, target));
  }

  private StoredFile copy(List<String> dataFiles, Location target) throws Exception {
    Staged source = context.source();
    UntouchedFiles.require(context);
    refuseConflicts(dataFiles);
    Path folder = source.file().resolveSibling("");
    for (String data : dataFiles) {
      seen(context.mounting().copy(folder.resolve(data), target.parent().resolve(data)), null);
    }
    StoredFile published = seen(context.mounting().copy(source.file(), target), source.sha256());
    context.report().output(published, source.sha256(), dataFiles);
    return published;
  }

  /** Data files first: a reader that sees the model finds them. */
  StoredFile publish(Path candidate, List<Path> dataFiles) throws Exception {
    Location target = Objects.requireNonNull(request().target());
    UntouchedFiles.require(context);
    Path folder = candidate.resolveSibling("");
    List<String> names =
        dataFiles.stream().map(file -> folder.relativize(file).toString()).toList();
    refuseToReplaceDataFiles(folder, names);
    refuseConflicts(names);
    for (String name : names) {
      seen(context.mounting().take(folder.resolve(name), target.parent().resolve(name)), null);
    }
    Mounting mounting = context.mounting();
    String known = mounting.isStreamed(target) ? null : mounting.sha256(candidate);
    StoredFile taken = mounting.take(candidate, target);
    String sha256 = known == null ? mounting.sha256(candidate) : known;
    StoredFile published = seen(taken, sha256);
    context.report().output(published, sha256, names);
    return published;
  }

  /**
   * Whether copies of what was published elsewhere may be put in the place of the output: none of
   * them replaces what the source needs.
   *
   * @param read what was read beside the source
   * @param names of the data files
   * @throws RequestException if they would meet the files of another model
   */
  boolean mayCopy(List<FileState> read, List<String> names) throws Exception {
    Location target = Objects.requireNonNull(request().target());
    refuseConflicts(names);
    List<Location> written = new ArrayList<>(List.of(target));
    names.forEach(name -> written.add(target.parent().resolve(name)));
    for (Location file : written) {
      boolean isNeeded = isSame(file, request().source());
      for (FileState own : read) {
        isNeeded |= isSame(file, Location.of(own.getUri()));
      }
      if (isNeeded) {
        return false;
      }
    }
    return true;
  }

  /** A data file that the writer made anew is called like the model, and like no other's. */
  private void refuseConflicts(List<String> names) throws Exception {
    Location target = Objects.requireNonNull(request().target());
    for (String name : names) {
      Location data = target.parent().resolve(name);
      if (!name.startsWith(target.name() + ".")
          && request().conflicts().mayOccur(request().source().parent(), data.parent())) {
        throw new RequestException(
            "%s: expected to publish its data file %s in a folder of its own, found that other models go to %s, whose data files may have the same name. Give the entry an output such as \"%s/%s\""
                .formatted(request().source(), name, data.parent(), request().id(), target.name()));
      }
      if (request().conflicts().isTaken(data)) {
        throw new RequestException(
            "%s: expected to publish its data file %s, found that another entry is published at %s. Take that entry out, or give this one an output in another folder"
                .formatted(request().source(), name, data));
      }
    }
    new SharedShards(context).refuse(target, names);
  }

  private StoredFile seen(StoredFile file, @Nullable String sha256) {
    return context.report().published(file, sha256);
  }
}

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

import dev.fusewright.core.tensor.TensorSource;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnreadableFileException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The data files beside a model. A location comes from the file and is not trusted: what it leads
 * to, symbolic links followed, must lie in the model's own folder.
 */
final class ExternalFiles implements Externals, Closeable {
  private final Path model;
  private final Map<String, FileBytes> files = new LinkedHashMap<>();

  ExternalFiles(Path model) {
    this.model = model;
  }

  /** The locations opened so far, in the order in which the model names them. */
  Set<String> locations() {
    return files.keySet();
  }

  FileBytes file(String location) {
    FileBytes file = files.get(location);
    if (file == null) {
      throw new IllegalArgumentException(location + " is no data file of " + model);
    }
    return file;
  }

  @Override
  public TensorSource source(ExternalRegion region, Problem problem) {
    FileBytes file = open(region.location(), problem);
    if (region.offset() > file.size() - region.length()) {
      throw new MalformedFileException(
          problem
              .expected(
                  "%d bytes at byte %d of '%s'"
                      .formatted(region.length(), region.offset(), region.location()))
              .found("a file of " + file.size()));
    }
    return FixedSource.of(file, Runs.of(region.offset(), region.end()), 1);
  }

  private FileBytes open(String location, Problem problem) {
    FileBytes known = files.get(location);
    if (known != null) {
      return known;
    }
    Problem missing = problem.expected("external data in '" + location + "'");
    FileBytes opened;
    try {
      opened = FileBytes.open(resolve(location, missing));
    } catch (UnreadableFileException e) {
      throw new UnreadableFileException(
          missing.found(e.problem().found()).hint("Keep the data file beside the model"), e);
    }
    files.put(location, opened);
    return opened;
  }

  private Path resolve(String location, Problem problem) {
    Problem escape =
        problem.expected("external data inside the model's folder").found("'" + location + "'");
    try {
      Path folder = folder(model);
      Path real = folder.resolve(location).toRealPath();
      if (!real.startsWith(folder.toRealPath())) {
        throw new MalformedFileException(
            escape.hint("It leads out of the folder by a symbolic link"));
      }
      if (real.equals(model.toRealPath())) {
        throw new MalformedFileException(
            escape.expected("external data beside the model").found("the model itself"));
      }
      return real;
    } catch (NoSuchFileException e) {
      throw new UnreadableFileException(problem.found("nothing"), e);
    } catch (IOException e) {
      throw new UnreadableFileException(problem.found(String.valueOf(e.getMessage())), e);
    }
  }

  /**
   * The location, normalized.
   *
   * @throws MalformedFileException if it leads out of the model's folder by its name alone
   */
  static String inside(String location, Problem problem) {
    Problem escape =
        problem.expected("external data inside the model's folder").found("'" + location + "'");
    try {
      Path relative = Path.of(location);
      if (location.isEmpty() || relative.isAbsolute()) {
        throw new MalformedFileException(escape);
      }
      for (Path step : relative) {
        if (step.toString().equals("..")) {
          throw new MalformedFileException(escape);
        }
      }
      return relative.normalize().toString();
    } catch (InvalidPathException e) {
      throw new MalformedFileException(escape, e);
    }
  }

  static Path folder(Path model) {
    Path parent = model.toAbsolutePath().getParent();
    return parent == null ? model.toAbsolutePath() : parent;
  }

  @Override
  public void close() {
    @org.jspecify.annotations.Nullable CheckpointException failure = null;
    for (FileBytes file : files.values()) {
      try {
        file.close();
      } catch (CheckpointException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}

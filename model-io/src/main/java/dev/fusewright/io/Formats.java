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
package dev.fusewright.io;

import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.FileEnds;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.Checkpoint;
import dev.fusewright.io.format.Format;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StateFormat;
import dev.fusewright.io.onnx.OnnxFormat;
import dev.fusewright.io.pt2.Pt2Format;
import dev.fusewright.io.safetensors.SafetensorsFormat;
import dev.fusewright.io.shards.ShardedFormat;
import dev.fusewright.io.text.TextFormat;
import dev.fusewright.io.torch.TorchFormat;
import dev.fusewright.io.torchscript.TorchScriptFormat;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The formats that are read and written. */
public final class Formats {
  private static final GraphFormat ONNX = new OnnxFormat();

  private static final StateFormat TORCH = new TorchFormat();
  private static final StateFormat SAFETENSORS = new SafetensorsFormat();

  /** The first that matches has the file: whose marks are the surest stands before the others. */
  private static final List<Format> ALL =
      List.of(
          new Pt2Format(), // a zip with records that no other has
          new TorchScriptFormat(), // a zip with code
          TORCH, // a zip, or a magic number of ten bytes
          SAFETENSORS,
          new ShardedFormat(List.of(SAFETENSORS, TORCH)), // JSON that maps tensors to files
          new TextFormat(),
          ONNX); // has no magic number at all

  private Formats() {}

  /** All formats, in the order in which a file is offered to them. */
  public static List<Format> all() {
    return ALL;
  }

  /** The format in which new graphs are written, and which a runtime runs. */
  public static GraphFormat onnx() {
    return ONNX;
  }

  /** The format of what is made of a file of some format: a text becomes an ONNX model. */
  public static Format written(Format format) {
    return named(format.writtenAs());
  }

  /** The format that catalogues and reports call {@code id}, if there is one. */
  public static Optional<Format> find(String id) {
    return ALL.stream().filter(format -> format.id().equals(id)).findFirst();
  }

  /**
   * The format that catalogues and reports call {@code id}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Format named(String id) {
    return find(id)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "format: expected one of %s, found '%s'"
                        .formatted(
                            ALL.stream().map(Format::id).sorted().collect(Collectors.joining(", ")),
                            id)));
  }

  /**
   * The format that reads the state dict of a file: another one where a graph stands beside it, as
   * in a TorchScript archive; else its own.
   */
  public static Format states(Format format) {
    return format instanceof TorchScriptFormat ? TORCH : format;
  }

  /** Whether an open file is a TorchScript archive, which PyTorch can run as it is. */
  public static boolean isTorchScript(GraphCheckpoint model) {
    return model.format() instanceof TorchScriptFormat;
  }

  /**
   * The format of a file by its bytes; names and extensions are not looked at.
   *
   * @throws CheckpointException if the file cannot be read
   */
  public static Optional<Format> detect(Path file) {
    return detect(FileEnds.of(file));
  }

  private static Optional<Format> detect(FileEnds ends) {
    return ALL.stream().filter(format -> format.matches(ends)).findFirst();
  }

  /**
   * The format whose reader a file is given to, and whose error one of no known bytes ends in:
   * detected by its bytes, else told by its name, else ONNX.
   *
   * @param name of the file where it came from
   * @throws CheckpointException if the file cannot be read, or is known to be something else than a
   *     model, such as a gzip file or a page that a server answered with
   */
  public static Format of(Path file, String name) {
    FileEnds ends = FileEnds.of(file);
    Optional<Format> detected = detect(ends);
    if (detected.filter(format -> format != ONNX).isEmpty()) {
      ForeignFile.of(ends)
          .ifPresent(
              other -> {
                throw new UnsupportedFormatException(
                    Problem.in(file).expected("a model").found(other.title()).hint(other.hint()));
              });
    }
    return detected.or(() -> byExtension(name)).orElse(ONNX);
  }

  /** The extension of what is made of a file with some extension: its own, for most. */
  public static String writtenExtension(String extension) {
    return byExtension("." + extension)
        .filter(format -> written(format) != format)
        .map(format -> written(format).extensions().get(0))
        .orElse(extension);
  }

  /** The extension of a name, as it is written there; empty if it is no format's. */
  public static Optional<String> extension(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return ALL.stream()
        .flatMap(format -> format.extensions().stream())
        .filter(extension -> lower.endsWith("." + extension))
        .max(Comparator.comparingInt(String::length))
        .map(extension -> name.substring(name.length() - extension.length()));
  }

  private static Optional<Format> byExtension(String name) {
    return extension(name)
        .map(extension -> extension.toLowerCase(Locale.ROOT))
        .flatMap(
            extension ->
                ALL.stream().filter(format -> format.extensions().contains(extension)).findFirst());
  }

  /** Whether a file of this name is, as far as names tell, but a list of other files. */
  public static boolean isListName(String name) {
    return ALL.stream().anyMatch(format -> format.isListName(name));
  }

  /** Whether a file of this name is a part of a checkpoint that another file lists. */
  public static boolean isPart(String name) {
    return ALL.stream().anyMatch(format -> format.isPart(name));
  }

  /** Where the names of files end that are but lists of other files: their last steps. */
  public static List<String> listExtensions() {
    return ALL.stream()
        .filter(Format::isOfParts)
        .flatMap(format -> format.extensions().stream())
        .map(extension -> extension.substring(extension.lastIndexOf('.') + 1))
        .distinct()
        .toList();
  }

  private static Format of(Path file) {
    return of(file, String.valueOf(file.getFileName()));
  }

  /**
   * Opens a file of any format; the caller closes it.
   *
   * @throws CheckpointException if it is of none, cannot be read, or is refused
   */
  public static Checkpoint open(Path file) {
    return of(file).open(file);
  }

  /**
   * Opens a file that has a graph; the caller closes it.
   *
   * @throws CheckpointException if it has none, cannot be read, or is refused
   */
  public static GraphCheckpoint openGraph(Path file) {
    Format format = of(file);
    if (format instanceof GraphFormat graph) {
      return graph.open(file);
    }
    throw unexpected(file, GraphFormat.class);
  }

  /**
   * Opens a file of state dicts; the caller closes it.
   *
   * @throws CheckpointException if it is none, cannot be read, or is refused
   */
  public static StateCheckpoint openStates(Path file) {
    Format format = of(file);
    if (states(format) instanceof StateFormat states) {
      return states.open(file);
    }
    throw unexpected(file, StateFormat.class);
  }

  /**
   * The data files that a checkpoint of any format needs beside it, relative to its folder; they
   * need not be there yet.
   *
   * @throws CheckpointException as {@link #open}, except for missing data files
   */
  public static List<String> dataFiles(Path file) {
    return of(file).dataFiles(file);
  }

  private static UnsupportedFormatException unexpected(Path file, Class<? extends Format> kind) {
    return new UnsupportedFormatException(
        Problem.in(file)
            .expected(
                ALL.stream()
                    .filter(kind::isInstance)
                    .map(Format::title)
                    .collect(Collectors.joining(" or ")))
            .found(detect(file).map(Format::title).orElse("another kind of file")));
  }
}

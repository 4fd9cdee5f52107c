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

import dev.fusewright.io.file.FileEnds;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Kinds of files that people give for models and that are none, told by their first bytes.
 *
 * @param title with its article
 * @param hint what to do instead
 */
record ForeignFile(String title, String hint) {
  private static final String UNPACK = "Unpack it and give the model that is in it";
  private static final String STATES =
      "Save its arrays as a safetensors file, or load them into the model and torch.save its state_dict()";
  private static final String FETCH =
      "The server answered with it instead of the model: fetch the model again, and look at the address";
  private static final int PROTOCOL = 0x80;
  private static final int TAR_MAGIC_AT = 257;
  private static final int LONGEST_BEGINNING = 512;

  private record Kind(ForeignFile file, Predicate<FileEnds> isOf) {}

  private static final List<Kind> KINDS =
      List.of(
          kind(
              "an empty file",
              "It may not have been written to its end: fetch or save the model again",
              file -> file.head().limit() == 0),
          kind("a gzip file", UNPACK, begins(0x1f, 0x8b)),
          kind("a bzip2 file", UNPACK, begins('B', 'Z', 'h')),
          kind("an xz file", UNPACK, begins(0xfd, '7', 'z', 'X', 'Z', 0)),
          kind("a zstd file", UNPACK, begins(0x28, 0xb5, 0x2f, 0xfd)),
          kind("a 7z archive", UNPACK, begins('7', 'z', 0xbc, 0xaf, 0x27, 0x1c)),
          kind("a tar archive", UNPACK, ForeignFile::isTar),
          kind("a NumPy archive (npz)", STATES, ForeignFile::isNpz),
          kind("a NumPy array (npy)", STATES, begins(0x93, 'N', 'U', 'M', 'P', 'Y')),
          kind("an HDF5 file", STATES, begins(0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n')),
          kind("a GGUF file", "Give the model that it was made from", begins('G', 'G', 'U', 'F')),
          kind(
              "an ExecuTorch program (pte)",
              "Fuse the exported program (torch.export.save) before it is lowered",
              file ->
                  file.head().limit() > 6
                      && file.head().get(4) == 'E'
                      && file.head().get(5) == 'T'),
          kind(
              "a bare pickle",
              "Load it with what wrote it (pickle, joblib), and torch.save the state_dict(), with tensors in it and no NumPy arrays",
              ForeignFile::isPickle),
          kind(
              "a Git LFS pointer",
              "The model itself was not fetched: git lfs pull",
              file -> text(file).startsWith("version https://git-lfs.github.com/spec/")),
          kind("an HTML page", FETCH, ForeignFile::isHtml),
          kind("an XML document", FETCH, file -> text(file).startsWith("<?xml")),
          kind("an error in JSON", FETCH, ForeignFile::isError));

  /** What a file is, if it is none of a format that is read. */
  static Optional<ForeignFile> of(FileEnds file) {
    return KINDS.stream().filter(kind -> kind.isOf().test(file)).map(Kind::file).findFirst();
  }

  private static Kind kind(String title, String hint, Predicate<FileEnds> isOf) {
    return new Kind(new ForeignFile(title, hint), isOf);
  }

  private static Predicate<FileEnds> begins(int... bytes) {
    return file -> {
      ByteBuffer head = file.head();
      boolean isSame = head.limit() >= bytes.length;
      for (int i = 0; isSame && i < bytes.length; i++) {
        isSame = head.get(i) == (byte) bytes[i];
      }
      return isSame;
    };
  }

  /** Of protocols 2 to 5; the files of torch that begin so have been recognised before. */
  private static boolean isPickle(FileEnds file) {
    ByteBuffer head = file.head();
    return head.limit() > 2
        && head.get(0) == (byte) PROTOCOL
        && head.get(1) >= 2
        && head.get(1) <= 5;
  }

  private static boolean isError(FileEnds file) {
    return text(file).replaceAll("\\s", "").startsWith("{\"error");
  }

  private static boolean isTar(FileEnds file) {
    byte[] magic = new byte[5];
    if (file.head().limit() < TAR_MAGIC_AT + magic.length) {
      return false;
    }
    file.head().get(TAR_MAGIC_AT, magic);
    return new String(magic, StandardCharsets.ISO_8859_1).equals("ustar");
  }

  private static boolean isNpz(FileEnds file) {
    List<String> entries = file.zipEntries();
    return !entries.isEmpty() && entries.stream().allMatch(entry -> entry.endsWith(".npy"));
  }

  private static boolean isHtml(FileEnds file) {
    String text = text(file).toLowerCase(Locale.ROOT);
    return text.startsWith("<!doctype html") || text.startsWith("<html");
  }

  /** The beginning as Latin-1, without a byte order mark or blanks before it. */
  private static String text(FileEnds file) {
    byte[] beginning = new byte[Math.min(LONGEST_BEGINNING, file.head().limit())];
    file.head().get(0, beginning);
    String text = new String(beginning, StandardCharsets.ISO_8859_1);
    return (text.startsWith("\u00ef\u00bb\u00bf") ? text.substring(3) : text).stripLeading();
  }
}

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
package dev.fusewright.io.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A parser that is fed with bytes: it reads them, or refuses them by a typed error that names where
 * they came from. Anything else is a finding.
 *
 * <p>A subclass has one method with {@code @FuzzTest}, because a JVM fuzzes one parser. Without
 * {@code -Pfuzz} it runs its seeds and the inputs that were once findings, which lie in {@code
 * src/test/resources}.
 */
public abstract class FuzzedParser {
  private static final boolean FUZZING = System.getenv("JAZZER_FUZZ") != null;

  /** Where the bytes are put; of one test. */
  @TempDir protected Path folder;

  private final Map<String, Long> outcomes = new TreeMap<>();

  /** Reads all that there is to read. */
  protected abstract void read(Path file) throws Exception;

  /** Whether an error is a refusal: of the right type, and located. */
  protected abstract boolean isRefusal(Exception error, Path file);

  /** The file's name, where the parser asks for one. */
  protected String fileName() {
    return "fuzzed";
  }

  /** What the fuzzer's bytes become before they are a file. */
  protected void write(byte[] bytes, Path file) throws IOException {
    Files.write(file, bytes);
  }

  /** One input. */
  protected final void feed(byte[] bytes) throws Exception {
    Path file = folder.resolve(fileName());
    Files.createDirectories(file.getParent());
    write(bytes, file);
    try {
      read(file);
      outcomes.merge("read", 1L, Long::sum);
    } catch (Exception e) {
      if (!isRefusal(e, file)) {
        throw e;
      }
      outcomes.merge(e.getClass().getSimpleName(), 1L, Long::sum);
    }
  }

  /** Counts by outcome, of a fuzzer's run. */
  @AfterEach
  void outcomesAreKept() throws IOException {
    if (FUZZING) {
      Path report = Path.of("target", "fuzz", getClass().getSimpleName() + ".tsv");
      Files.createDirectories(report.getParent());
      Files.writeString(
          report,
          outcomes.entrySet().stream()
              .map(outcome -> outcome.getKey() + "\t" + outcome.getValue() + "\n")
              .collect(Collectors.joining()));
    }
  }
}

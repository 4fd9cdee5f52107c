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
package dev.fusewright.pipeline.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.testing.FuzzedParser;
import dev.fusewright.pipeline.report.ReportFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.avro.file.CodecFactory;
import org.junit.jupiter.params.provider.MethodSource;

/** Parts of reports, in Avro. */
final class ReportFuzzTest extends FuzzedParser {
  static Stream<byte[]> seeds() throws IOException {
    return Stream.of(
        RecordSeeds.part(CodecFactory.nullCodec()), RecordSeeds.part(CodecFactory.deflateCodec(6)));
  }

  @MethodSource("seeds")
  @FuzzTest
  void parts(byte[] bytes) throws Exception {
    feed(bytes);
  }

  @Override
  protected void read(Path file) throws IOException {
    ReportFiles.read(
        RecordSeeds.STORE, Location.of(file), report -> assertThat(report.toString()).isNotNull());
  }

  @Override
  protected boolean isRefusal(Exception error, Path file) {
    return error instanceof DamagedFileException
        && String.valueOf(error.getMessage()).contains(folder.toString());
  }
}

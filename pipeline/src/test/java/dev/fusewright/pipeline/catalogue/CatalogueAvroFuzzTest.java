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
package dev.fusewright.pipeline.catalogue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fusewright.io.storage.Location;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Catalogues in Avro. */
final class CatalogueAvroFuzzTest extends FuzzedCatalogue {
  static Stream<byte[]> seeds() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CatalogueAvro.write(
        List.of(
            CatalogueEntry.of("a", Location.of("/zoo/a.onnx"), 7L),
            CatalogueEntry.of("b", Location.of("s3a://zoo/b.onnx"), null)),
        out);
    return Stream.of(out.toByteArray());
  }

  @MethodSource("seeds")
  @FuzzTest
  void records(byte[] bytes) throws Exception {
    feed(bytes);
  }

  @Override
  protected String fileName() {
    return "zoo.avro";
  }
}

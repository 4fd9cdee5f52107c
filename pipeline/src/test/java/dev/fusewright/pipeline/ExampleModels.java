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
package dev.fusewright.pipeline;

import dev.fusewright.io.onnx.proto.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The example catalogue of the repository. */
public final class ExampleModels {
  private ExampleModels() {}

  /** {@code src/models}. */
  public static Path folder() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("src/models/catalogue.jsonl"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("no src/models above " + Path.of("").toAbsolutePath());
      }
    }
    return folder.resolve("src/models");
  }

  /** One of its models. */
  public static Path model(String name) {
    return folder().resolve(name + ".onnx");
  }

  /** One of its models, with a remark in the file: no other has the same bytes. */
  public static byte[] variant(String name, int number) throws IOException {
    return ModelProto.parseFrom(Files.readAllBytes(model(name))).toBuilder()
        .setDocString("number " + number)
        .build()
        .toByteArray();
  }
}

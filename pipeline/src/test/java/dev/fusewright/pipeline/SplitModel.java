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

import com.google.protobuf.ByteString;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.StringStringEntryProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model with its weights in a file beside it. */
public final class SplitModel {
  /** The file of weights. */
  public static final String WEIGHTS = "weights.bin";

  private SplitModel() {}

  /** Moves the weights of a model into {@link #WEIGHTS} beside the target. */
  public static Path of(Path model, Path target) throws IOException {
    ModelProto.Builder whole = ModelProto.parseFrom(Files.readAllBytes(model)).toBuilder();
    ByteArrayOutputStream weights = new ByteArrayOutputStream();
    for (TensorProto.Builder tensor : whole.getGraphBuilder().getInitializerBuilderList()) {
      ByteString bytes = tensor.getRawData();
      if (bytes.size() >= 256) {
        tensor
            .clearRawData()
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", WEIGHTS))
            .addExternalData(entry("offset", String.valueOf(weights.size())))
            .addExternalData(entry("length", String.valueOf(bytes.size())));
        bytes.writeTo(weights);
      }
    }
    Files.write(target.resolveSibling(WEIGHTS), weights.toByteArray());
    return Files.write(target, whole.build().toByteArray());
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}

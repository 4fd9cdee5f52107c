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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.io.file.FileEnds;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.format.WriteSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** The format of ONNX models. The package's description shows the layout. */
public final class OnnxFormat implements GraphFormat {
  @Override
  public String id() {
    return "onnx";
  }

  @Override
  public String title() {
    return "an ONNX model";
  }

  @Override
  public List<String> extensions() {
    return List.of("onnx");
  }

  /**
   * Walks the top-level fields of a ModelProto until an unknown one: text, a graph or an opset must
   * be among them.
   */
  @Override
  public boolean matches(FileEnds file) {
    ByteBuffer head = file.head();
    long at = 0;
    boolean message = false;
    while (at < head.limit()) {
      int tag = head.get((int) at) & 0xff;
      boolean known =
          switch (tag) {
            // ir_version and model_version; producer, domain, doc, graph, opsets, metadata,
            // training, functions.
            case 0x08, 0x28, 0x12, 0x1a, 0x22, 0x32, 0x3a, 0x42, 0x72, 0xa2, 0xca, 0xd2 -> true;
            default -> false;
          };
      if (!known) {
        return message;
      }
      at += tag >= 0x80 ? 2 : 1;
      long value = 0;
      int shift = 0;
      byte next;
      do {
        if (at >= head.limit() || shift > 63) {
          return message;
        }
        next = head.get((int) at++);
        value |= (long) (next & 0x7f) << shift;
        shift += 7;
      } while (next < 0);
      boolean varint = (tag & 7) == 0;
      if (!varint) {
        if (value < 0 || value > file.size() - at) {
          return false;
        }
        at += value;
        message = true;
      }
    }
    return message;
  }

  @Override
  public boolean isReadByRanges() {
    return true;
  }

  @Override
  public GraphCheckpoint open(Path file) {
    return OnnxReader.read(file);
  }

  @Override
  public List<String> dataFiles(Path file) {
    return OnnxReader.dataFiles(file);
  }

  @Override
  public WriteSummary write(ModelGraph model, Path target) throws IOException {
    return OnnxWriter.writeNew(model, target);
  }
}

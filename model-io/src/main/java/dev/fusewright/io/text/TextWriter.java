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
package dev.fusewright.io.text;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.format.ElementCensus;
import dev.fusewright.io.format.RewrittenTensor;
import dev.fusewright.io.format.WriteSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Writes texts: the file as it is, or the model printed anew. */
final class TextWriter {
  private static final long MOST_ELEMENTS = 1L << 24;
  private static final int CHUNK = 1 << 16;

  private final Set<Tensor> known = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<RewrittenTensor> rewritten = new ArrayList<>();
  private long elements;
  private long copied;

  private TextWriter() {}

  /** Copies a text whose model nobody edited. */
  static WriteSummary copy(OpenFile file, Path target) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            target,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      long at = 0;
      while (at < file.size()) {
        at += file.channel().transferTo(at, file.size() - at, out);
      }
    }
    return new WriteSummary(file.size(), file.size(), List.of(), List.of(), List.of());
  }

  /**
   * Prints a model.
   *
   * @param originals whose tensors, where they are the same instances, count as copied, with their
   *     bytes on the heap
   */
  static WriteSummary write(
      ModelGraph model, Map<String, String> metadata, List<ModelGraph> originals, Path target)
      throws IOException {
    TextWriter writer = new TextWriter();
    for (ModelGraph original : originals) {
      writer.tensors(original, (scope, name, tensor) -> writer.known.add(tensor));
    }
    writer.tensors(model, (scope, name, tensor) -> writer.requirePrintable(target, name, tensor));
    writer.tensors(model, writer::count);
    byte[] bytes = GraphText.print(model, metadata).getBytes(StandardCharsets.UTF_8);
    Files.write(target, bytes);
    return new WriteSummary(bytes.length, writer.copied, writer.rewritten, List.of(), List.of());
  }

  /** The metadata of a text, with entries added, those in the order of their keys. */
  static Map<String, String> merged(Map<String, String> own, Map<String, String> added) {
    Map<String, String> all = new LinkedHashMap<>(own);
    all.putAll(new TreeMap<>(added));
    return all;
  }

  private void requirePrintable(Path target, String name, Tensor tensor) {
    elements += tensor.shape().elementCount();
    if (!ElementCodec.supports(tensor.type())) {
      throw new IllegalArgumentException(
          "'%s' is %s, which has no text form".formatted(name, tensor.type().text()));
    }
    if (elements > MOST_ELEMENTS) {
      throw new TooLargeException(
          Problem.in(target)
              .inside("parameter '" + name + "'")
              .expected("at most %d elements in a text".formatted(MOST_ELEMENTS))
              .found("more"));
    }
  }

  private void count(String scope, String name, Tensor tensor) {
    if (known.contains(tensor)) {
      copied += tensor.byteCount();
      return;
    }
    ElementCensus census = new ElementCensus(tensor.type());
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    for (long at = 0; at < tensor.byteCount(); at += CHUNK) {
      tensor.read(at, chunk.clear().limit((int) Math.min(CHUNK, tensor.byteCount() - at)));
      census.add(chunk.flip());
    }
    rewritten.add(RewrittenTensor.of(scope, name, tensor, census));
  }

  /** Takes one tensor of a model. */
  private interface Visitor {
    void take(String scope, String name, Tensor tensor);
  }

  private void tensors(ModelGraph model, Visitor visitor) {
    tensors(ScopePath.MAIN, model.graph(), visitor);
    for (Function function : model.functions()) {
      tensors(ScopePath.of(function), function.body(), visitor);
    }
  }

  private void tensors(ScopePath scope, Graph graph, Visitor visitor) {
    for (Initializer initializer : graph.initializers()) {
      visitor.take(scope.text(), initializer.name(), initializer.tensor());
    }
    for (Node node : graph.nodes()) {
      for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
        if (entry.getValue() instanceof Attribute.TensorValue held) {
          visitor.take(scope.text(), node.output(), held.value());
        } else if (entry.getValue() instanceof Attribute.Body body) {
          tensors(scope.body(node, entry.getKey(), 0), body.value(), visitor);
        } else if (entry.getValue() instanceof Attribute.Bodies bodies) {
          for (int i = 0; i < bodies.values().size(); i++) {
            tensors(scope.body(node, entry.getKey(), i), bodies.values().get(i), visitor);
          }
        }
      }
    }
  }
}

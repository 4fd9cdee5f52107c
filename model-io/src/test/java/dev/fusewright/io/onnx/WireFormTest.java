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

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file such as no common writer makes: fields out of order, lists packed and unpacked, unknown
 * fields of every wire type in every message, tags and lengths longer than they need be.
 */
class WireFormTest {
  private static final byte[] UNKNOWN = Wire.unknown(900);

  @TempDir Path folder;

  private final byte[] firstNode =
      Wire.concat(
          UNKNOWN,
          Wire.text(2, "h"),
          Wire.message(5, attribute("perm", Wire.concat(packedInts(1, 0)))),
          Wire.text(4, "Transpose"),
          Wire.text(1, "x"));
  private final byte[] secondNode =
      Wire.concat(
          Wire.text(4, "Mul"),
          Wire.text(2, "y"),
          UNKNOWN,
          Wire.text(1, "h"),
          Wire.text(6, "kept documentation"),
          Wire.text(1, "w"),
          Wire.text(3, "scale"));
  private final byte[] weight =
      Wire.concat(
          Wire.text(12, "documentation of w"),
          Wire.message(4, floats(1, 2)),
          UNKNOWN,
          Wire.text(8, "w"),
          Wire.bytes(out -> out.writeFloat(4, 3)),
          Wire.message(1, Wire.bytes(out -> out.writeInt64NoTag(3))),
          Wire.varint(2, 1));
  private final byte[] other =
      Wire.concat(
          Wire.varint(1, 2),
          Wire.message(9, floats(5, 6)),
          Wire.varint(2, 1),
          UNKNOWN,
          Wire.text(8, "v"));

  private byte[] file = new byte[0];
  private Path source = Path.of("");

  @BeforeEach
  void save() {
    byte[] graph =
        Wire.concat(
            Wire.message(12, Wire.text(1, "y")),
            Wire.message(5, weight),
            UNKNOWN,
            Wire.message(1, firstNode),
            Wire.text(10, "documentation of the graph"),
            Wire.message(5, other),
            Wire.message(1, secondNode),
            Wire.message(11, Wire.concat(UNKNOWN, Wire.text(1, "x"))),
            Wire.text(2, "g"));
    file =
        Wire.concat(
            Wire.message(14, Wire.concat(Wire.text(2, "value"), Wire.text(1, "key"))),
            longForm(7, graph),
            UNKNOWN,
            Wire.message(8, Wire.concat(Wire.varint(2, 17), UNKNOWN)),
            Wire.varint(1, 3),
            Wire.varint(1, 8));
    source = Protos.save(file, folder.resolve("odd.onnx"));
  }

  @Test
  void is_read_as_protobuf_says() {
    try (OnnxCheckpoint model = OnnxReader.read(source)) {
      assertThat(model.graph().irVersion()).isEqualTo(8);
      assertThat(model.graph().opsets()).containsEntry("", 17L);
      Graph graph = model.graph().graph();
      assertThat(graph.nodes()).extracting(Node::output).containsExactly("h", "y");
      assertThat(graph.nodes().get(0).intsAttribute("perm")).containsExactly(1L, 0L);
      assertThat(graph.initializers()).extracting(Initializer::name).containsExactly("w", "v");
      assertThat(Tensors.doubles(graph.initializers().get(0).tensor(), 3)).containsExactly(1, 2, 3);
    }
  }

  @Test
  void comes_out_byte_for_byte() throws IOException {
    assertThat(write(model -> model)).isEqualTo(file);
  }

  @Test
  void a_folded_weight_leaves_every_other_range_as_it_was() throws IOException {
    byte[] folded =
        write(
            model -> {
              Graph graph = model.graph();
              Initializer w = graph.initializers().get(0);
              ChannelScaled scaled =
                  new ChannelScaled(w.tensor(), ChannelAxis.of(0), new double[] {2, 3, 4});
              return model.withGraph(
                  withInitializers(
                      graph, List.of(new Initializer("w", scaled), graph.initializers().get(1))));
            });
    byte[] newWeight =
        Wire.concat(
            Wire.text(12, "documentation of w"),
            Wire.message(9, floats(2, 6, 12)),
            UNKNOWN,
            Wire.text(8, "w"),
            Wire.message(1, Wire.bytes(out -> out.writeInt64NoTag(3))),
            Wire.varint(2, 1));
    assertThat(folded).isEqualTo(expected(newWeight, firstNode, secondNode));
  }

  @Test
  void a_changed_node_keeps_its_unknown_fields_and_its_documentation() throws IOException {
    byte[] changed =
        write(
            model -> {
              Graph graph = model.graph();
              Node mul = graph.nodes().get(1).withInputs(List.of("h", "v"));
              return model.withGraph(withNodes(graph, List.of(graph.nodes().get(0), mul)));
            });
    byte[] newNode =
        Wire.concat(
            Wire.text(4, "Mul"),
            Wire.text(2, "y"),
            UNKNOWN,
            Wire.text(1, "h"),
            Wire.text(1, "v"),
            Wire.text(6, "kept documentation"),
            Wire.text(3, "scale"));
    assertThat(changed).isEqualTo(expected(weight, firstNode, newNode));
  }

  @Test
  void a_node_that_is_gone_takes_nothing_with_it() throws IOException {
    byte[] without =
        write(
            model -> {
              Graph graph = model.graph();
              Node mul = graph.nodes().get(1).withInputs(List.of("x", "w"));
              return model.withGraph(withNodes(graph, List.of(mul)));
            });
    byte[] newNode =
        Wire.concat(
            Wire.text(4, "Mul"),
            Wire.text(2, "y"),
            UNKNOWN,
            Wire.text(1, "x"),
            Wire.text(1, "w"),
            Wire.text(6, "kept documentation"),
            Wire.text(3, "scale"));
    assertThat(without).isEqualTo(expected(weight, null, newNode));
  }

  private interface Edit {
    ModelGraph of(ModelGraph model);
  }

  private byte[] write(Edit edit) throws IOException {
    Path target = folder.resolve("written.onnx");
    try (OnnxCheckpoint model = OnnxReader.read(source)) {
      OnnxWriter.write(model, edit.of(model.graph()), Map.of(), target);
    }
    return Files.readAllBytes(target);
  }

  /** The whole file with other parts; the length of the graph is in its short form then. */
  private static byte[] expected(byte[] weight, byte[] first, byte[] second) {
    WireFormTest form = new WireFormTest();
    byte[] graph =
        Wire.concat(
            Wire.message(12, Wire.text(1, "y")),
            Wire.message(5, weight),
            UNKNOWN,
            first == null ? new byte[0] : Wire.message(1, first),
            Wire.text(10, "documentation of the graph"),
            Wire.message(5, form.other),
            Wire.message(1, second),
            Wire.message(11, Wire.concat(UNKNOWN, Wire.text(1, "x"))),
            Wire.text(2, "g"));
    return Wire.concat(
        Wire.message(14, Wire.concat(Wire.text(2, "value"), Wire.text(1, "key"))),
        Wire.message(7, graph),
        UNKNOWN,
        Wire.message(8, Wire.concat(Wire.varint(2, 17), UNKNOWN)),
        Wire.varint(1, 3),
        Wire.varint(1, 8));
  }

  private static Graph withNodes(Graph graph, List<Node> nodes) {
    return new Graph(
        graph.name(),
        nodes,
        graph.initializers(),
        graph.inputs(),
        graph.outputs(),
        graph.valueInfos(),
        graph.annotations(),
        graph.sparseInitializers());
  }

  private static Graph withInitializers(Graph graph, List<Initializer> initializers) {
    return new Graph(
        graph.name(),
        graph.nodes(),
        new ArrayList<>(initializers),
        graph.inputs(),
        graph.outputs(),
        graph.valueInfos(),
        graph.annotations(),
        graph.sparseInitializers());
  }

  private static byte[] attribute(String name, byte[] value) {
    return Wire.concat(UNKNOWN, value, Wire.varint(20, 7), Wire.text(1, name));
  }

  private static byte[] packedInts(long... values) {
    byte[] packed =
        Wire.bytes(
            out -> {
              for (long value : values) {
                out.writeInt64NoTag(value);
              }
            });
    return Wire.message(8, packed);
  }

  private static byte[] floats(float... values) {
    return Wire.bytes(
        out -> {
          for (float value : values) {
            out.writeFloatNoTag(value);
          }
        });
  }

  /** A field whose tag and length are padded with empty varint bytes. */
  private static byte[] longForm(int field, byte[] content) {
    return Wire.bytes(
        out -> {
          out.writeRawByte(field << 3 | 2 | 0x80);
          out.writeRawByte(0x80);
          out.writeRawByte(0);
          out.writeRawByte((content.length & 0x7f) | 0x80);
          out.writeRawByte(((content.length >> 7) & 0x7f) | 0x80);
          out.writeRawByte((content.length >> 14) | 0x80);
          out.writeRawByte(0);
          out.writeRawBytes(content);
        });
  }
}

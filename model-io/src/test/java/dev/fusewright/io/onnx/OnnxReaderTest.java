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

import com.google.protobuf.ByteString;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.GraphInvariants;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.format.GraphFacts;
import dev.fusewright.io.onnx.proto.AttributeProto;
import dev.fusewright.io.onnx.proto.AttributeProto.AttributeType;
import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.NodeProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import dev.fusewright.io.onnx.proto.TensorShapeProto;
import dev.fusewright.io.onnx.proto.TypeProto;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What our scan reads is what protobuf's own classes read. */
class OnnxReaderTest {
  @TempDir Path folder;

  @Test
  void our_fixtures_read_as_protobuf_reads_them() {
    Fixtures.small().forEach(OnnxReaderTest::readsAsProtobufDoes);
  }

  @UsesRealModels
  @Test
  void real_models_read_as_protobuf_reads_them() {
    Fixtures.real().forEach(OnnxReaderTest::readsAsProtobufDoes);
  }

  @Test
  void node_ids_are_dense_over_all_scopes() {
    for (Path file : Fixtures.small()) {
      try (OnnxCheckpoint model = OnnxReader.read(file)) {
        List<Integer> ids = new ArrayList<>();
        collectIds(model.graph().graph(), ids);
        model.graph().functions().forEach(function -> collectIds(function.body(), ids));
        assertThat(ids.stream().sorted().toList())
            .isEqualTo(java.util.stream.IntStream.range(0, ids.size()).boxed().toList());
      }
    }
  }

  @Test
  void the_file_says_who_made_it() {
    try (OnnxCheckpoint model = OnnxReader.read(Fixtures.small("meta.onnx"))) {
      ModelProto proto = Protos.parse(Fixtures.small("meta.onnx"));
      GraphFacts facts = model.facts();
      assertThat(facts.irVersion()).hasValue(proto.getIrVersion());
      assertThat(facts.producerName()).isEqualTo(proto.getProducerName());
      assertThat(facts.producerVersion()).isEqualTo(proto.getProducerVersion());
      assertThat(facts.opsets()).containsEntry("", proto.getOpsetImport(0).getVersion());
      assertThat(facts.metadata()).hasSize(proto.getMetadataPropsCount());
      assertThat(model.dataFiles()).isEmpty();
    }
  }

  @Test
  void the_long_name_of_the_standard_domain_is_the_empty_one() {
    ModelProto.Builder proto =
        Protos.model(
            GraphProto.newBuilder()
                .addInput(Protos.value("x"))
                .addNode(Protos.node("Relu", List.of("x"), List.of("y")).setDomain("ai.onnx")))
            .toBuilder();
    proto.getOpsetImportBuilder(0).setDomain("ai.onnx");
    try (OnnxCheckpoint model = read(proto.build())) {
      assertThat(model.graph().opsets()).containsOnlyKeys("");
      assertThat(model.graph().graph().nodes().get(0).op()).isEqualTo(OpKind.RELU);
    }
  }

  @Test
  void dimensions_are_fixed_symbolic_or_unknown() {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDimBuilder().setDimParam("N");
    shape.addDimBuilder().setDimValue(3);
    shape.addDimBuilder().setDimValue(-1);
    shape.addDimBuilder();
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph
        .addInputBuilder()
        .setName("x")
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(10).setShape(shape)));
    graph
        .addInputBuilder()
        .setName("list")
        .setType(TypeProto.newBuilder().setSequenceType(TypeProto.Sequence.getDefaultInstance()));
    try (OnnxCheckpoint model = read(Protos.model(graph))) {
      assertThat(model.graph().graph().inputs())
          .containsExactly(
              new ValueInfo(
                  "x",
                  ElementType.FLOAT16,
                  List.of(
                      new Dim.Symbolic("N"),
                      new Dim.Fixed(3),
                      new Dim.Unknown(),
                      new Dim.Unknown())),
              ValueInfo.container("list", "sequence()"));
    }
  }

  @Test
  void attributes_of_every_kind_are_read() {
    NodeProto.Builder node = Protos.node("Op", List.of("", "x"), List.of("y", ""));
    node.addAttribute(named("int", AttributeType.INT).setI(-7));
    node.addAttribute(named("real", AttributeType.FLOAT).setF(0.5f));
    node.addAttribute(named("text", AttributeType.STRING).setS(ByteString.copyFromUtf8("é")));
    node.addAttribute(
        named("bytes", AttributeType.STRING).setS(ByteString.copyFrom(new byte[] {-1})));
    node.addAttribute(named("ints", AttributeType.INTS).addInts(1).addInts(-1));
    node.addAttribute(named("reals", AttributeType.FLOATS).addFloats(2).addFloats(3));
    node.addAttribute(
        named("texts", AttributeType.STRINGS).addStrings(ByteString.copyFromUtf8("a")));
    node.addAttribute(Protos.attribute("tensor", Protos.floats("", 1, 2)));
    node.addAttribute(
        named("bodies", AttributeType.GRAPHS)
            .addGraphs(GraphProto.newBuilder().setName("one"))
            .addGraphs(GraphProto.newBuilder().setName("two")));
    node.addAttribute(
        named("type", AttributeType.TYPE_PROTO).setTp(TypeProto.getDefaultInstance()));
    node.addAttribute(AttributeProto.newBuilder().setName("untyped").addInts(4));
    node.addAttribute(named("passed", AttributeType.INT).setRefAttrName("outer"));
    try (OnnxCheckpoint model =
        read(Protos.model(GraphProto.newBuilder().addInput(Protos.value("x")).addNode(node)))) {
      Node read = model.graph().graph().nodes().get(0);
      assertThat(read.inputs()).containsExactly("", "x");
      assertThat(read.outputs()).containsExactly("y", "");
      assertThat(read.attributes())
          .containsEntry("int", new Attribute.Int(-7))
          .containsEntry("real", new Attribute.Real(0.5f))
          .containsEntry("text", new Attribute.Text("é"))
          .containsEntry("bytes", new Attribute.Opaque("STRING"))
          .containsEntry("ints", new Attribute.Ints(List.of(1L, -1L)))
          .containsEntry("reals", new Attribute.Reals(List.of(2f, 3f)))
          .containsEntry("texts", new Attribute.Texts(List.of("a")))
          .containsEntry("type", new Attribute.Opaque("TYPE_PROTO"))
          .containsEntry("untyped", new Attribute.Ints(List.of(4L)))
          .containsEntry("passed", new Attribute.Reference("outer", "int"));
      assertThat(read.bodies()).extracting(Graph::name).containsExactly("one", "two");
      Tensor tensor = ((Attribute.TensorValue) read.attributes().get("tensor")).value();
      assertThat(Tensors.doubles(tensor, 2)).containsExactly(1, 2);
    }
  }

  @Test
  void a_long_list_stays_in_the_file() {
    AttributeProto.Builder trees = named("nodes_values", AttributeType.FLOATS);
    for (int i = 0; i < 20_000; i++) {
      trees.addFloats(i);
    }
    NodeProto.Builder node = Protos.node("TreeEnsembleClassifier", List.of(), List.of("y"));
    try (OnnxCheckpoint model =
        read(Protos.model(GraphProto.newBuilder().addNode(node.addAttribute(trees))))) {
      assertThat(model.graph().graph().nodes().get(0).attributes().get("nodes_values"))
          .isEqualTo(new Attribute.Opaque("FLOATS of 100,000 bytes"));
    }
  }

  @Test
  void a_type_newer_than_this_reader_is_kept_and_not_understood() {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName("w").setDataType(27).addDims(3);
    try (OnnxCheckpoint model =
        read(Protos.scaling(tensor.setRawData(ByteString.copyFromUtf8("abc"))))) {
      assertThat(model.graph().graph().initializers().get(0).tensor().type())
          .isEqualTo(ElementType.UNDEFINED);
    }
  }

  private OnnxCheckpoint read(ModelProto proto) {
    return OnnxReader.read(Protos.save(proto, folder.resolve("model.onnx")));
  }

  @Test
  void attributes_of_functions_have_defaults_or_none() {
    ModelProto.Builder model = Protos.model(GraphProto.newBuilder()).toBuilder();
    model
        .addFunctionsBuilder()
        .setName("F")
        .setDomain("my")
        .addAttribute("alpha")
        .addAttributeProto(named("beta", AttributeType.FLOAT).setF(0.5f));
    try (OnnxCheckpoint read = read(model.build())) {
      Function function = read.graph().functions().get(0);
      assertThat(function.attributes()).containsExactly("alpha");
      assertThat(function.defaults()).containsExactly(Map.entry("beta", new Attribute.Real(0.5f)));
    }
  }

  @Test
  void what_is_no_tensor_is_named() {
    TypeProto floats =
        TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(1)).build();
    TypeProto sequence =
        TypeProto.newBuilder()
            .setSequenceType(TypeProto.Sequence.newBuilder().setElemType(floats))
            .build();
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph.addInput(Protos.value("x"));
    graph.addInputBuilder().setName("s").setType(sequence);
    try (OnnxCheckpoint read = read(Protos.model(graph))) {
      assertThat(read.graph().graph().inputs())
          .extracting(ValueInfo::container)
          .containsExactly("", "sequence(float)");
    }
  }

  private static AttributeProto.Builder named(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  private static void collectIds(Graph graph, List<Integer> ids) {
    for (Node node : graph.nodes()) {
      ids.add(node.id());
      node.bodies().forEach(body -> collectIds(body, ids));
    }
  }

  private static void readsAsProtobufDoes(Path file) {
    try (OnnxCheckpoint model = OnnxReader.read(file)) {
      GraphInvariants.check(model.graph());
      ModelProto proto = Protos.parse(file);
      assertSame(proto.getGraph(), model.graph().graph(), file.toString());
      assertThat(model.graph().functions()).hasSize(proto.getFunctionsCount());
    }
  }

  private static void assertSame(GraphProto proto, Graph graph, String what) {
    assertThat(graph.name()).as(what).isEqualTo(proto.getName());
    assertThat(graph.inputs())
        .as(what)
        .extracting(ValueInfo::name)
        .isEqualTo(proto.getInputList().stream().map(input -> input.getName()).toList());
    assertThat(graph.outputs())
        .as(what)
        .extracting(ValueInfo::name)
        .isEqualTo(proto.getOutputList().stream().map(output -> output.getName()).toList());
    assertThat(graph.valueInfos()).as(what).hasSize(proto.getValueInfoCount());
    assertThat(graph.nodes()).as(what).hasSize(proto.getNodeCount());
    for (int i = 0; i < proto.getNodeCount(); i++) {
      assertSame(proto.getNode(i), graph.nodes().get(i), what);
    }
    assertThat(graph.initializers()).as(what).hasSize(proto.getInitializerCount());
    for (int i = 0; i < proto.getInitializerCount(); i++) {
      TensorProto tensor = proto.getInitializer(i);
      assertThat(graph.initializers().get(i).name()).as(what).isEqualTo(tensor.getName());
      assertSame(tensor, graph.initializers().get(i).tensor(), what + " " + tensor.getName());
    }
  }

  private static void assertSame(NodeProto proto, Node node, String what) {
    assertThat(node.name()).as(what).isEqualTo(proto.getName());
    assertThat(node.op().type()).as(what).isEqualTo(proto.getOpType());
    assertThat(node.inputs()).as(what).isEqualTo(proto.getInputList());
    assertThat(node.outputs()).as(what).isEqualTo(proto.getOutputList());
    assertThat(node.docString()).as(what).isEqualTo(proto.getDocString());
    assertThat(node.attributes().keySet())
        .as(what)
        .containsExactlyElementsOf(
            proto.getAttributeList().stream().map(AttributeProto::getName).toList());
    for (AttributeProto attribute : proto.getAttributeList()) {
      Attribute value = node.attributes().get(attribute.getName());
      if (value instanceof Attribute.Body body) {
        assertSame(attribute.getG(), body.value(), what);
      } else if (value instanceof Attribute.TensorValue tensor) {
        assertSame(attribute.getT(), tensor.value(), what);
      } else if (value instanceof Attribute.Ints ints) {
        assertThat(ints.values()).as(what).isEqualTo(attribute.getIntsList());
      } else if (value instanceof Attribute.Int one) {
        assertThat(one.value()).as(what).isEqualTo(attribute.getI());
      } else if (value instanceof Attribute.Real one) {
        assertThat(one.value()).as(what).isEqualTo(attribute.getF());
      }
    }
  }

  private static void assertSame(TensorProto proto, Tensor tensor, String what) {
    assertThat(tensor.shape().dims()).as(what).isEqualTo(proto.getDimsList());
    assertThat(tensor.type().number()).as(what).isEqualTo(proto.getDataType());
    if (proto.hasRawData()) {
      ByteBuffer bytes = ByteBuffer.allocate((int) tensor.byteCount());
      tensor.read(0, bytes);
      assertThat(ByteString.copyFrom(bytes.flip())).as(what).isEqualTo(proto.getRawData());
    } else if (proto.getFloatDataCount() > 0) {
      double[] expected = proto.getFloatDataList().stream().mapToDouble(f -> f).toArray();
      assertThat(Tensors.doubles(tensor, expected.length)).as(what).isEqualTo(expected);
    } else if (proto.getInt64DataCount() > 0) {
      long[] expected = proto.getInt64DataList().stream().mapToLong(l -> l).toArray();
      assertThat(Tensors.longs(tensor, expected.length)).as(what).isEqualTo(expected);
    }
  }
}

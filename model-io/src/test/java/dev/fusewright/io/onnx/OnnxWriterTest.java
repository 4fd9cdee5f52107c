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
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.format.RewrittenTensor;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.onnx.proto.AttributeProto;
import dev.fusewright.io.onnx.proto.FunctionProto;
import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.NodeProto;
import dev.fusewright.io.onnx.proto.OperatorSetIdProto;
import dev.fusewright.io.onnx.proto.TensorAnnotation;
import dev.fusewright.io.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An edit changes what it says and nothing else; protobuf's own classes are the judge. */
class OnnxWriterTest {
  @TempDir Path folder;

  /** x → Relu → h → Mul(h, w) → y, with everything around that a graph may carry. */
  private static GraphProto.Builder graph() {
    return GraphProto.newBuilder()
        .setName("g")
        .setDocString("about g")
        .addInput(Protos.value("x"))
        .addOutput(Protos.value("y").setDocString("about y"))
        .addNode(Protos.node("Relu", List.of("x"), List.of("h")).setName("relu"))
        .addNode(
            Protos.node("Mul", List.of("h", "w"), List.of("y"))
                .setName("mul")
                .setDocString("about mul"))
        .addInitializer(Protos.floats("w", 1, 2, 3).setDocString("about w"))
        .addInitializer(Protos.floats("v", 4))
        .addValueInfo(Protos.value("h").setDocString("about h"))
        .addQuantizationAnnotation(TensorAnnotation.newBuilder().setTensorName("h"));
  }

  @Test
  void a_node_that_is_gone_takes_its_value_info_and_annotation_along_if_the_edit_says_so()
      throws IOException {
    ModelProto written =
        edit(
            Protos.model(graph()),
            graph -> {
              Node mul = graph.nodes().get(1).withInputs(List.of("x", "w"));
              return new Graph(
                  graph.name(),
                  List.of(mul),
                  graph.initializers().subList(0, 1),
                  graph.inputs(),
                  graph.outputs());
            });
    GraphProto.Builder expected = graph();
    expected.removeNode(0).getNodeBuilder(0).setInput(0, "x");
    expected.removeInitializer(1).clearValueInfo().clearQuantizationAnnotation();
    assertThat(written).isEqualTo(Protos.model(expected));
  }

  @Test
  void new_nodes_stand_where_the_edited_list_has_them() throws IOException {
    ModelProto written =
        edit(
            Protos.model(graph()),
            graph -> {
              Node before = unary(100, "Neg", "x", "n");
              Node between = unary(101, "Abs", "h", "a");
              Node after = unary(102, "Exp", "y0", "y");
              Node relu = graph.nodes().get(0).withInputs(List.of("n"));
              Node mul =
                  graph.nodes().get(1).withInputs(List.of("a", "w")).withOutputs(List.of("y0"));
              return withNodes(graph, List.of(before, relu, between, mul, after));
            });
    assertThat(written.getGraph().getNodeList())
        .extracting(NodeProto::getOpType)
        .containsExactly("Neg", "Relu", "Abs", "Mul", "Exp");
    assertThat(written.getGraph().getNode(0)).isEqualTo(node(100, "Neg", "x", "n"));
    assertThat(written.getGraph().getNode(3).getDocString()).isEqualTo("about mul");
  }

  @Test
  void nodes_may_change_their_order() throws IOException {
    ModelProto written =
        edit(
            Protos.model(graph()),
            graph -> withNodes(graph, List.of(graph.nodes().get(1), graph.nodes().get(0))));
    ModelProto.Builder expected = Protos.model(graph()).toBuilder();
    GraphProto original = graph().build();
    expected.getGraphBuilder().setNode(0, original.getNode(1)).setNode(1, original.getNode(0));
    assertThat(written).isEqualTo(expected.build());
  }

  @Test
  void all_nodes_may_be_new() throws IOException {
    ModelProto written =
        edit(
            Protos.model(graph()),
            graph ->
                withNodes(graph, List.of(unary(7, "Neg", "x", "h"), unary(8, "Exp", "h", "y"))));
    assertThat(written.getGraph().getNodeList())
        .containsExactly(node(7, "Neg", "x", "h"), node(8, "Exp", "h", "y"));
  }

  @Test
  void a_folded_initializer_keeps_its_documentation_and_a_new_one_follows_it() throws IOException {
    ModelProto written =
        edit(
            Protos.model(graph()),
            graph -> {
              Initializer w = graph.initializers().get(0);
              Initializer scaled =
                  new Initializer(
                      "w",
                      new ChannelScaled(w.tensor(), ChannelAxis.of(0), new double[] {2, 2, 2}));
              Initializer bias = new Initializer("b", LiteralTensor.ofFloats(Shape.of(1, 2), 7, 8));
              return withInitializers(graph, List.of(scaled, bias, graph.initializers().get(1)));
            });
    GraphProto.Builder expected = graph();
    expected.setInitializer(0, Protos.floats("w", 2, 4, 6).setDocString("about w"));
    expected.addInitializer(1, Protos.floats("b", 7, 8).setDims(0, 1).addDims(2));
    assertThat(written).isEqualTo(Protos.model(expected));
  }

  @Test
  void an_initializer_may_change_its_type_and_shape() throws IOException {
    ModelProto written =
        edit(
            Protos.model(graph()),
            graph -> {
              Tensor longs = LiteralTensor.ofLongs(Shape.of(2, 1), 5, 6);
              return withInitializers(
                  graph, List.of(new Initializer("w", longs), graph.initializers().get(1)));
            });
    TensorProto w = written.getGraph().getInitializer(0);
    assertThat(w.getDimsList()).containsExactly(2L, 1L);
    assertThat(w.getDataType()).isEqualTo(TensorProto.DataType.INT64_VALUE);
    assertThat(w.getRawData().size()).isEqualTo(16);
    assertThat(w.getDocString()).isEqualTo("about w");
  }

  @Test
  void a_weight_in_a_constant_node_is_folded_in_place() throws IOException {
    AttributeProto.Builder value =
        Protos.attribute("value", Protos.floats("", 1, 2)).setDocString("about the value");
    GraphProto.Builder proto =
        GraphProto.newBuilder()
            .addOutput(Protos.value("c"))
            .addNode(
                Protos.node("Constant", List.of(), List.of("c")).setName("k").addAttribute(value));
    ModelProto written =
        edit(
            Protos.model(proto),
            graph -> {
              Node constant = graph.nodes().get(0);
              Tensor tensor = ((Attribute.TensorValue) constant.attributes().get("value")).value();
              Tensor scaled = new ChannelScaled(tensor, ChannelAxis.of(0), new double[] {3, 4});
              return withNodes(
                  graph,
                  List.of(constant.withAttribute("value", new Attribute.TensorValue(scaled))));
            });
    value.setT(Protos.floats("", 3, 8).clearName());
    proto.getNodeBuilder(0).setAttribute(0, value);
    ModelProto.Builder expected = Protos.model(proto).toBuilder();
    expected.getGraphBuilder().getNodeBuilder(0).getAttributeBuilder(0).getTBuilder().setName("");
    assertThat(written).isEqualTo(expected.build());
  }

  @Test
  void attributes_are_added_changed_and_dropped_one_by_one() throws IOException {
    NodeProto.Builder conv =
        Protos.node("Conv", List.of("x", "w"), List.of("y"))
            .addAttribute(Protos.attribute("group", 1).setDocString("about group"))
            .addAttribute(Protos.attribute("odd", 2))
            .addAttribute(Protos.attribute("kept", 3).setDocString("about kept"));
    GraphProto.Builder proto = graph().clearNode().addNode(conv);
    ModelProto written =
        edit(
            Protos.model(proto),
            graph -> {
              Node node =
                  graph
                      .nodes()
                      .get(0)
                      .withoutAttribute("odd")
                      .withAttribute("group", new Attribute.Int(4))
                      .withAttribute("pads", new Attribute.Ints(List.of(1L, 1L)))
                      .withAttribute("auto_pad", new Attribute.Text("NOTSET"))
                      .withAttribute("alpha", new Attribute.Real(0.5f));
              return withNodes(graph, List.of(node));
            });
    NodeProto.Builder expected =
        conv.removeAttribute(1)
            .setAttribute(0, Protos.attribute("group", 4).setDocString("about group"));
    expected
        .addAttributeBuilder()
        .setName("pads")
        .setType(AttributeProto.AttributeType.INTS)
        .addInts(1)
        .addInts(1);
    expected
        .addAttributeBuilder()
        .setName("auto_pad")
        .setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8("NOTSET"));
    expected
        .addAttributeBuilder()
        .setName("alpha")
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(0.5f);
    assertThat(written.getGraph().getNode(0)).isEqualTo(expected.build());
  }

  @Test
  void a_body_inside_a_body_is_edited_where_it_lies() throws IOException {
    GraphProto.Builder inner = graph().setName("inner");
    GraphProto.Builder middle =
        GraphProto.newBuilder()
            .setName("middle")
            .addNode(
                Protos.node("If", List.of("c"), List.of("y"))
                    .addAttribute(Protos.attribute("else_branch", graph().setName("else")))
                    .addAttribute(Protos.attribute("then_branch", inner).setDocString("about")));
    GraphProto.Builder outer =
        GraphProto.newBuilder()
            .addInput(Protos.value("x"))
            .addNode(
                Protos.node("Loop", List.of("x"), List.of("z"))
                    .addAttribute(Protos.attribute("body", middle)));
    ModelProto written =
        edit(
            Protos.model(outer),
            graph ->
                Rebuilt.copyOf(
                    graph,
                    nodes ->
                        nodes.stream()
                            .map(
                                node ->
                                    node.name().equals("mul")
                                        ? node.withInputs(List.of("h", "v"))
                                        : node)
                            .toList()));
    GraphProto.Builder expectedInner = graph().setName("inner");
    expectedInner.getNodeBuilder(1).setInput(1, "v");
    GraphProto.Builder expectedElse = graph().setName("else");
    expectedElse.getNodeBuilder(1).setInput(1, "v");
    middle
        .getNodeBuilder(0)
        .setAttribute(0, Protos.attribute("else_branch", expectedElse))
        .setAttribute(1, Protos.attribute("then_branch", expectedInner).setDocString("about"));
    outer.getNodeBuilder(0).setAttribute(0, Protos.attribute("body", middle));
    assertThat(written).isEqualTo(Protos.model(outer));
  }

  @Test
  void a_new_node_takes_bodies_and_opaque_attributes_of_an_old_one_as_they_lie()
      throws IOException {
    GraphProto.Builder body = graph().setName("body");
    body.addMetadataPropsBuilder().setKey("only in").setValue("the file");
    NodeProto.Builder loop =
        Protos.node("Loop", List.of("x"), List.of("z"))
            .addAttribute(Protos.attribute("body", body))
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("blob")
                    .setType(AttributeProto.AttributeType.STRING)
                    .setS(ByteString.copyFrom(new byte[] {-1, -2})));
    GraphProto.Builder proto = GraphProto.newBuilder().addInput(Protos.value("x")).addNode(loop);
    ModelProto written =
        edit(
            Protos.model(proto),
            graph -> withNodes(graph, List.of(graph.nodes().get(0).withId(900))));
    assertThat(written).isEqualTo(Protos.model(proto));
  }

  @Test
  void an_input_that_becomes_a_constant_is_dropped_from_the_inputs() throws IOException {
    GraphProto.Builder proto = graph().addInput(Protos.value("w")).addInput(Protos.value("v"));
    ModelProto written =
        edit(
            Protos.model(proto),
            graph -> graph.withInputs(List.of(graph.inputs().get(0), graph.inputs().get(2))));
    assertThat(written).isEqualTo(Protos.model(proto.removeInput(1)));
  }

  @Test
  void an_added_input_comes_last() throws IOException {
    ModelProto written =
        edit(
            Protos.model(graph()),
            graph -> {
              List<ValueInfo> inputs = new ArrayList<>(graph.inputs());
              inputs.add(new ValueInfo("b", ElementType.FLOAT, null));
              return graph.withInputs(inputs);
            });
    assertThat(written.getGraph().getInputCount()).isEqualTo(2);
    assertThat(written.getGraph().getInput(1).getType().getTensorType().getElemType()).isEqualTo(1);
  }

  @Test
  void a_function_is_edited_added_and_imported() throws IOException {
    FunctionProto.Builder function =
        FunctionProto.newBuilder()
            .setName("F")
            .setDomain("my")
            .setDocString("about F")
            .addInput("x")
            .addOutput("y")
            .addAttribute("alpha")
            .addNode(Protos.node("Relu", List.of("x"), List.of("h")))
            .addNode(Protos.node("Neg", List.of("h"), List.of("y")))
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(15));
    ModelProto proto = Protos.model(graph()).toBuilder().addFunctions(function).build();
    Path source = Protos.save(proto, folder.resolve("in.onnx"));
    Path target = folder.resolve("out.onnx");
    try (OnnxCheckpoint model = OnnxReader.read(source)) {
      ModelGraph graph = model.graph();
      Function before = graph.functions().get(0);
      Node neg = before.body().nodes().get(1).withInputs(List.of("x"));
      Function after = before.withBody(withNodes(before.body(), List.of(neg)));
      Function added =
          new Function(
              new OpKind("torch.ao.nn.intrinsic", "ConvReLU2d"),
              "",
              List.of("group"),
              Map.of("dilation", new Attribute.Int(2)),
              Map.of("", 17L),
              new Graph(
                  "",
                  List.of(
                      new Node(
                          50,
                          "",
                          OpKind.RELU,
                          List.of("a"),
                          List.of("b"),
                          Map.of("group", new Attribute.Reference("group", "int")))),
                  List.of(),
                  List.of(ValueInfo.untyped("a")),
                  List.of(ValueInfo.untyped("b"))));
      ModelGraph edited =
          new ModelGraph(
              10,
              Map.of("", 17L, "torch.ao.nn.intrinsic", 1L),
              graph.graph(),
              List.of(after, added));
      OnnxWriter.write(model, edited, Map.of(), target);
    }
    ModelProto written = Protos.parse(target);
    assertThat(written.getIrVersion()).isEqualTo(10);
    assertThat(written.getGraph()).isEqualTo(proto.getGraph());
    assertThat(written.getOpsetImportList())
        .containsExactly(
            OperatorSetIdProto.newBuilder().setVersion(17).build(),
            OperatorSetIdProto.newBuilder()
                .setDomain("torch.ao.nn.intrinsic")
                .setVersion(1)
                .build());
    function.removeNode(0).getNodeBuilder(0).setInput(0, "x");
    assertThat(written.getFunctions(0)).isEqualTo(function.build());
    assertThat(written.getFunctions(1).getName()).isEqualTo("ConvReLU2d");
    assertThat(written.getFunctions(1).getAttributeProtoList())
        .containsExactly(
            AttributeProto.newBuilder()
                .setName("dilation")
                .setI(2)
                .setType(AttributeProto.AttributeType.INT)
                .build());
    assertThat(written.getFunctions(1).getNode(0).getAttribute(0))
        .isEqualTo(
            AttributeProto.newBuilder()
                .setName("group")
                .setRefAttrName("group")
                .setType(AttributeProto.AttributeType.INT)
                .build());
  }

  @Test
  void an_ir_version_is_added_where_the_file_says_none() throws IOException {
    ModelProto proto = Protos.model(graph()).toBuilder().clearIrVersion().build();
    Path source = Protos.save(proto, folder.resolve("in.onnx"));
    Path target = folder.resolve("out.onnx");
    try (OnnxCheckpoint model = OnnxReader.read(source)) {
      ModelGraph graph = model.graph();
      ModelGraph newer = new ModelGraph(8, graph.opsets(), graph.graph(), graph.functions());
      OnnxWriter.write(model, newer, Map.of(), target);
    }
    assertThat(Protos.parse(target)).isEqualTo(proto.toBuilder().setIrVersion(8).build());
  }

  @Test
  void metadata_replaces_the_same_key_in_place() throws IOException {
    ModelProto.Builder proto = Protos.model(graph()).toBuilder();
    proto.addMetadataPropsBuilder().setKey("a").setValue("old");
    proto.addMetadataPropsBuilder().setKey("b").setValue("kept");
    Path source = Protos.save(proto.build(), folder.resolve("in.onnx"));
    Path target = folder.resolve("out.onnx");
    try (OnnxCheckpoint model = OnnxReader.read(source)) {
      OnnxWriter.write(model, model.graph(), Map.of("a", "new", "c", "added"), target);
    }
    proto.getMetadataPropsBuilder(0).setValue("new");
    proto.addMetadataPropsBuilder().setKey("c").setValue("added");
    assertThat(Protos.parse(target)).isEqualTo(proto.build());
  }

  @Test
  void elements_that_a_fold_ruins_are_counted() throws IOException {
    float smallest = Float.MIN_NORMAL;
    TensorProto.Builder weight =
        Protos.floats("w", 1, Float.MAX_VALUE, smallest, 0, -0f, -Float.MAX_VALUE, Float.NaN);
    WriteSummary summary = scale(weight, new double[] {1, 2, 0.5, 1, 1, 2, 1});
    assertThat(summary.rewritten())
        .containsExactly(new RewrittenTensor(ScopePath.MAIN.text(), "w", 7, 3, 1, 2));
    assertThat(summary.nonFinite()).hasSize(1);
  }

  @Test
  void elements_are_counted_in_the_type_that_they_are_stored_in() throws IOException {
    byte[] halves = {0, 0x3c, (byte) 0xff, 0x7b, 0, 4}; // 1, 65504, the smallest normal number
    TensorProto.Builder half =
        Protos.floats("w").setDims(0, 3).setDataType(10).setRawData(ByteString.copyFrom(halves));
    assertThat(scale(half, new double[] {1, 1.01, 0.5}).rewritten())
        .containsExactly(new RewrittenTensor(ScopePath.MAIN.text(), "w", 3, 1, 1, 0));
  }

  @Test
  void the_original_is_never_the_target() throws IOException {
    Path source = Protos.save(Protos.model(graph()), folder.resolve("in.onnx"));
    try (OnnxCheckpoint model = OnnxReader.read(source)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> OnnxWriter.write(model, model.graph(), Map.of(), source))
          .withMessageContaining("is the original");
    }
    assertThat(Protos.parse(source)).isEqualTo(Protos.model(graph()));
  }

  @Test
  void a_model_from_text_reads_back_as_the_same_text() throws IOException {
    String text =
        """
        <ir_version: 8, opset_import: ["" : 17, "my" : 1]>
        g (float[N,3,5,5] x, bool c) => (float[N,4,3,3] y)
        <float[4,3,3,3] w = random(1), float[4] b = random(2), int64[2] axes = {0, -1}>
        {
          [conv] h = Conv <group: int = 1, pads: ints = [0, 0, 0, 0]> (x, w, b)
          k = Constant <value: tensor = float[2] {1.5, -2.5}> ()
          [f] i = my.F <alpha: float = 0.5> (h)
          y = If (c) <
            then_branch: graph = then () => (t) { t = Identity(i) },
            else_branch: graph = other () => (e) { e = Relu(i) }
          >
        }
        <domain: "my", opset_import: ["" : 17]>
        F <alpha> (a) => (r) { r = LeakyRelu <alpha: float = @alpha> (a) }
        """;
    ModelGraph model = GraphText.parse(text);
    Path target = folder.resolve("new.onnx");
    OnnxWriter.writeNew(model, target);
    assertThat(Protos.parse(target).getProducerName()).isEqualTo("fusewright");
    try (OnnxCheckpoint read = OnnxReader.read(target)) {
      assertThat(GraphText.print(read.graph())).isEqualTo(GraphText.print(model));
    }
  }

  @Test
  void what_the_rules_make_of_a_fixture_reads_back_as_they_made_it() throws IOException {
    readsBackAfterFusion(Fixtures.small());
  }

  @UsesRealModels
  @Test
  void what_the_rules_make_of_a_real_model_reads_back_as_they_made_it() throws IOException {
    readsBackAfterFusion(Fixtures.real());
  }

  private void readsBackAfterFusion(List<Path> files) throws IOException {
    Path target = folder.resolve("fused.onnx");
    FusionEngine engine = new FusionEngine(Rules.inference());
    int changed = 0;
    for (Path file : files) {
      try (OnnxCheckpoint model = OnnxReader.read(file)) {
        FusionPlan plan = engine.plan(model.graph());
        ModelGraph fused = plan.apply();
        changed += plan.changesModel() ? 1 : 0;
        OnnxWriter.write(model, fused, Map.of(), target);
        Protos.parse(target);
        try (OnnxCheckpoint read = OnnxReader.read(target)) {
          assertThat(GraphText.printShort(read.graph()))
              .as(file.toString())
              .isEqualTo(GraphText.printShort(fused));
          assertSameTensors(fused.graph(), read.graph().graph(), file.toString());
        }
      }
    }
    assertThat(changed).isPositive();
  }

  private static void assertSameTensors(Graph expected, Graph actual, String what) {
    for (int i = 0; i < expected.initializers().size(); i++) {
      assertSameBytes(
          expected.initializers().get(i).tensor(), actual.initializers().get(i).tensor(), what);
    }
    for (int i = 0; i < expected.nodes().size(); i++) {
      Map<String, Attribute> attributes = actual.nodes().get(i).attributes();
      expected
          .nodes()
          .get(i)
          .attributes()
          .forEach(
              (name, value) -> {
                if (value instanceof Attribute.TensorValue tensor) {
                  Tensor other = ((Attribute.TensorValue) attributes.get(name)).value();
                  assertSameBytes(tensor.value(), other, what);
                }
              });
    }
  }

  private static void assertSameBytes(Tensor expected, Tensor actual, String what) {
    ByteBuffer one = ByteBuffer.allocate((int) expected.byteCount());
    ByteBuffer two = ByteBuffer.allocate((int) actual.byteCount());
    expected.read(0, one);
    actual.read(0, two);
    assertThat(two.flip()).as(what).isEqualTo(one.flip());
  }

  private WriteSummary scale(TensorProto.Builder weight, double[] factors) throws IOException {
    Path source = Protos.save(Protos.scaling(weight), folder.resolve("in.onnx"));
    try (OnnxCheckpoint model = OnnxReader.read(source)) {
      Graph graph = model.graph().graph();
      Tensor tensor = graph.initializers().get(0).tensor();
      Tensor scaled = new ChannelScaled(tensor, ChannelAxis.of(0), factors);
      Graph edited = withInitializers(graph, List.of(new Initializer("w", scaled)));
      return OnnxWriter.write(
          model, model.graph().withGraph(edited), Map.of(), folder.resolve("out.onnx"));
    }
  }

  private ModelProto edit(ModelProto original, UnaryOperator<Graph> edit) throws IOException {
    Path source = Protos.save(original, folder.resolve("in.onnx"));
    Path target = folder.resolve("out.onnx");
    try (OnnxCheckpoint model = OnnxReader.read(source)) {
      ModelGraph edited = model.graph().withGraph(edit.apply(model.graph().graph()));
      OnnxWriter.write(model, edited, Map.of(), target);
    }
    return Protos.parse(target);
  }

  private static Node unary(int id, String type, String input, String output) {
    return new Node(id, "new" + id, OpKind.onnx(type), List.of(input), List.of(output), Map.of());
  }

  private static NodeProto node(int id, String type, String input, String output) {
    return Protos.node(type, List.of(input), List.of(output)).setName("new" + id).build();
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
        initializers,
        graph.inputs(),
        graph.outputs(),
        graph.valueInfos(),
        graph.annotations(),
        graph.sparseInitializers());
  }
}

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
package dev.fusewright.core.analysis.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.text.GraphText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapeInferenceTest {
  private static final String CONSTANTS =
      """
      <float[4,3,3,3] w = random(1), float[3,4,2,2] wt = random(1), float[5,7] m = random(1),
       float[4] four = random(1), float[1,1,1,1,1] five_axes = random(1),
       int64[1] minus = {-1}, int64[1] zero = {0}, int64[1] one = {1}, int64[1] two = {2},
       int64[1] three = {3}, int64[1] hundred = {100}, int64[1] far = {9223372036854775807},
       int64 scalar0 = {0}, int64 scalar1 = {1}, int64 ten = {10}, int64[2] rows = {0,-1},
       int64[2] pair = {1,3}, int64[3] triple = {2,-1,4}, int64[4] pads = {0,1,0,2},
       int64[8] pads4 = {0,0,1,1,0,0,2,2}, int64[4] sizes = {1,3,10,12},
       float[4] scales = {1,1,2,0.5}, float[4] odd_scales = {1,1,0.7,1.3}, int64[2] parts = {1,2}>
      """;

  private static ModelGraph model(long opset, String inputs, String nodes) {
    return GraphText.parse(
        "<ir_version: 8, opset_import: [\"\" : %d]> g (%s) => (float[] y) %s { %s }"
            .formatted(opset, inputs, CONSTANTS, nodes));
  }

  private static String shape(long opset, String inputs, String nodes) {
    return ShapeInference.of(model(opset, inputs, nodes)).of("y").toString();
  }

  /** Beside each operator the nearest one of which less can be told. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Relu(x)|[N,3,H,W]",
        "Foo(x)|?",
        "Add(x, five_axes)|[1,N,3,H,W]",
        "Add(x, four)|[N,3,H,4]",
        "Where(b, x, x)|[N,3,H,W]",
        "Mul(x, x2)|[N,3,?,W]",
        "Conv(x, w)|[N,4,H - 2,W - 2]",
        "Conv<pads=[1,1,1,1]>(x, w)|[N,4,H,W]",
        "Conv<pads=[1,1,1,1], strides=[2,2]>(x, w)|[N,4,⌊(H + 1)/2⌋,⌊(W + 1)/2⌋]",
        "Conv<dilations=[2,1], strides=[1,4]>(x, w)|[N,4,H - 4,⌊(W + 1)/4⌋]",
        "Conv<auto_pad=\"SAME_UPPER\", strides=[2,2]>(x, w)|[N,4,⌊(H + 1)/2⌋,⌊(W + 1)/2⌋]",
        "Conv<auto_pad=\"VALID\", pads=[9,9,9,9]>(x, w)|[N,4,H - 2,W - 2]",
        "Conv(q, w)|[?,4,?,?]",
        "Conv<dilations=[2]>(x, w)|[N,4,?,?]",
        "Conv<strides=[0,1]>(x, w)|[N,4,?,?]",
        "Conv<pads=[9223372036854775807,0,9223372036854775807,0]>(x, w)|[N,4,?,W - 2]",
        "Conv<auto_pad=\"ODD\">(x, w)|[N,4,?,?]",
        "Conv(x, four)|?",
        "ConvTranspose<strides=[2,2]>(x, wt)|[N,4,2·H,2·W]",
        "ConvTranspose<strides=[2,2], group=2, output_padding=[1,0]>(x, wt)|[N,8,2·H + 1,2·W]",
        "ConvTranspose<output_shape=[20,30]>(x, wt)|[N,4,20,30]",
        "ConvTranspose<auto_pad=\"SAME_LOWER\", strides=[3,3]>(x, wt)|[N,4,3·H,3·W]",
        "ConvTranspose<output_padding=[1]>(x, wt)|[N,4,?,?]",
        "MaxPool<kernel_shape=[3,3], strides=[2,2], ceil_mode=1>(x)|[N,3,⌊H/2⌋,⌊W/2⌋]",
        "MaxPool<kernel_shape=[1,3], strides=[2,2], ceil_mode=1>(x)|[N,3,?,⌊W/2⌋]",
        "AveragePool<kernel_shape=[2,2]>(x)|[N,3,H - 1,W - 1]",
        "AveragePool<kernel_shape=[2]>(x)|[N,3,?,?]",
        "AveragePool(x)|[N,3,?,?]",
        "GlobalMaxPool(x)|[N,3,1,1]",
        "LRN<size=3>(x)|[N,3,H,W]",
        "Softmax(x)|[N,3,H,W]",
        "MatMul(r, m)|[2,N,7]",
        "MatMul(v, m)|[7]",
        "MatMul(q, m)|?",
        "Gemm(q, m)|[?,7]",
        "Gemm<transB=1>(z, m)|[6,5]",
        "Einsum<equation=\"nchw,cd->nd\">(x, z)|[N,5]",
        "Einsum<equation=\"...c,cd->...d\">(x, z)|?",
        "Flatten(x)|[N,3·H·W]",
        "Flatten<axis=-1>(x)|[3·H·N,W]",
        "Flatten<axis=9>(x)|[?,?]",
        "Reshape(x, rows)|[N,3·H·W]",
        "Reshape(r, triple)|[2,N + ⌊N/4⌋,4]",
        "Reshape<allowzero=1>(z, rows)|[0,?]",
        "Reshape(x, i)|[?,?,?]",
        "Reshape(x, k)|?",
        "Transpose<perm=[0,2,3,1]>(x)|[N,H,W,3]",
        "Transpose(x)|[W,H,3,N]",
        "Transpose<perm=[2,0,1]>(q)|[?,?,?]",
        "Transpose<perm=[0,0,1,2]>(x)|?",
        "Unsqueeze(x, pair)|[N,1,3,1,H,W]",
        "Unsqueeze(x, hundred)|?",
        "Squeeze(o, one)|[N,H]",
        "Squeeze(o)|?",
        "Squeeze(c)|[2]",
        "Squeeze(x, one)|?",
        "Squeeze(x, i1)|[?,?,?]",
        "Concat<axis=1>(x, x)|[N,6,H,W]",
        "Concat<axis=-1>(x, q)|[N,3,H,?]",
        "Concat<axis=7>(x, x)|?",
        "Slice(x, one, far, two)|[N,3,H - 1,W]",
        "Slice(x, zero, minus, two)|[N,3,H - 1,W]",
        "Slice(x, zero, two, two)|[N,3,min(H, 2),W]",
        "Slice(x, zero, hundred, one, two)|[N,2,H,W]",
        "Slice(x, i1, hundred, one)|[N,?,H,W]",
        "Slice(x, zero, hundred, i1)|[?,?,?,?]",
        "Pad(x, pads4)|[N,3,H + 3,W + 3]",
        "Pad(x, pads)|[?,?,?,?]",
        "Expand(o, sizes)|[1,3,10,12]",
        "Tile(x, sizes)|[N,9,10·H,12·W]",
        "Tile(x, i)|[?,?,?,?]",
        "Gather<axis=1>(x, scalar0)|[N,H,W]",
        "Gather<axis=1>(x, pair)|[N,2,H,W]",
        "GatherElements(x, z)|[6,5]",
        "GatherND(x, pair)|[H,W]",
        "ReduceMean<axes=[2,3]>(x)|[N,3,1,1]",
        "ReduceMean<axes=[2,3], keepdims=0>(x)|[N,3]",
        "ReduceMean(x)|[1,1,1,1]",
        "ReduceSum(x, one)|[N,1,H,W]",
        "ReduceSum(x, i)|[?,?,?,?]",
        "ReduceSum<keepdims=0>(x, i)|?",
        "ArgMax<axis=1, keepdims=0>(x)|[N,H,W]",
        "Resize(x, , scales)|[N,3,2·H,⌊W/2⌋]",
        "Resize(x, , odd_scales)|[N,3,?,?]",
        "Resize(c, , odd_scales)|[?,?,?]",
        "Resize(x, , , sizes)|[1,3,10,12]",
        "DepthToSpace<blocksize=2>(o4)|[N,H,6,2·W]",
        "SpaceToDepth<blocksize=2>(x)|[N,12,⌊H/2⌋,⌊W/2⌋]",
        "SpaceToDepth<blocksize=0>(x)|?",
        "ConstantOfShape(sizes)|[1,3,10,12]",
        "ConstantOfShape(triple)|?",
        "Shape(x)|[4]",
        "Shape<start=1, end=-1>(x)|[2]",
        "Shape(q)|[?]",
        "Size(q)|[]",
        "Range(scalar0, ten, scalar1)|[10]",
        "Range(k, ten, scalar1)|[?]",
        "TopK(x, two)|[N,3,H,2]",
        "NonZero(x)|[4,?]",
        "NonMaxSuppression(x, x)|[?,3]",
        "OneHot<axis=1>(x, ten, pair)|[N,10,3,H,W]",
        "Cast<to=7>(x)|[N,3,H,W]",
        "Dropout(x)|[N,3,H,W]",
        "QuantizeLinear(x, scalar1)|[N,3,H,W]",
        "DequantizeLinear(x, scalar1)|[N,3,H,W]",
        "LSTM<hidden_size=9>(r, r)|[2,1,N,9]",
        "GRU<hidden_size=9, direction=\"bidirectional\", layout=1>(r, r)|[2,N,2,9]",
        "com.microsoft.Gelu(x)|?"
      })
  void each_operator_tells_as_much_as_there_is_to_know(String node, String expected) {
    String inputs =
        """
        float[N,3,H,W] x, float[N,3,G,W] x2, bool[1,1,1,1] b, float[] q, float[2,N,5] r, float[5] v,
        float[6,5] z, float[N,1,H] o, int64[3] i, int64[1] i1, int64 k
        """;
    String before =
        """
        t = Transpose<perm=[0,2,1,3]>(x) o4 = Concat<axis=1>(t, t, t, t)
        cs = Concat<axis=0>(one, two, one) c = ConstantOfShape(cs)
        """;

    assertThat(shape(13, inputs, before + "y = " + node)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1|Reshape<shape=[0,-1]>(x)|[N,3·H·W]",
        "5|Unsqueeze<axes=[0,-1]>(x)|[1,N,3,H,W,1]",
        "5|Squeeze<axes=[1]>(o)|[N,H]",
        "6|Add<broadcast=1, axis=1>(x, four)|[N,3,H,W]",
        "6|Max(x, x)|[N,3,H,W]",
        "9|Slice<starts=[1], ends=[-1], axes=[3]>(x)|[N,3,H,W - 2]",
        "9|Slice<starts=[1,2], ends=[-1], axes=[3]>(x)|[?,?,?,?]",
        "10|Pad<pads=[0,0,1,1,0,0,2,2]>(x)|[N,3,H + 3,W + 3]",
        "1|Pad<paddings=[0,0,1,1,0,0,2,2]>(x)|[N,3,H + 3,W + 3]",
        "9|Upsample(x, scales)|[N,3,2·H,⌊W/2⌋]",
        "7|Upsample<scales=[1.0,1.0,2.0,3.0]>(x)|[N,3,2·H,3·W]",
        "10|Resize(x, scales)|[N,3,2·H,⌊W/2⌋]",
        "9|TopK<k=2, axis=1>(x)|[N,2,H,W]",
        "1|Concat(x, x)|[N,6,H,W]",
        "5|Tile(x, two, one)|[?,?,?,?]"
      })
  void older_operator_sets_say_it_by_attributes(long opset, String node, String expected) {
    assertThat(shape(opset, "float[N,3,H,W] x, float[N,1,H] o", "y = " + node)).isEqualTo(expected);
  }

  @Test
  void shapes_are_followed_through_the_arithmetic_of_exporters() {
    String nodes =
        """
        s = Shape(x) n = Gather(s, scalar0) h = Gather(s, two) n1 = Unsqueeze(n, zero)
        twice = Mul(h, two) more = Add(twice, one) half = Div(more, two) c = Cast<to=6>(half)
        big = Concat<axis=0>(n1, c, minus) y = Reshape(x, big)
        """;

    assertThat(shape(13, "float[N,3,H,W] x", nodes)).isEqualTo("[N,H,3·W]");
    assertThat(shape(13, "float[N,3,H,W] x", nodes.replace("Add", "Sub")))
        .as("H − 1 might be 0, which would mean something else")
        .isEqualTo("[N,?,?]");
  }

  @Test
  void a_target_that_might_be_zero_is_no_size() {
    String nodes =
        "s = Shape(x) h = Gather(s, two) less = Sub(h, one) t = Concat<axis=0>(less, minus) y = Reshape(x, t)";
    assertThat(shape(13, "float[N,3,H,W] x", nodes)).isEqualTo("[?,?]");
    assertThat(shape(13, "float[N,3,H,W] x", nodes.replace("Sub", "Add")))
        .as("the size itself is known, and what remains is not")
        .isEqualTo("[H + 1,?]");
  }

  @Test
  void a_mask_of_minus_ones_chooses_sizes() {
    String nodes =
        """
        s = Shape(x) ones = ConstantOfShape<value=int64[1] {1}>(four_axes) four_axes = Shape(s)
        mask = Mul(ones, minus) e = Equal(sizes, mask) t = Where(e, ones, sizes) y = Expand(o, t)
        """;
    assertThat(shape(13, "float[N,3,H,W] x, float[10,12] o", nodes)).isEqualTo("[1,3,10,12]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Conv(x, w)|PROMISED",
        "Conv(Conv(x, w), w)|PROMISED",
        "Flatten(u)|PROVEN",
        "Gemm(u, m)|PROVEN",
        "Reshape(u, sizes)|PROVEN",
        "Shape(x)|PROMISED",
        "Reshape(u, x)|PROVEN"
      })
  void whatever_needs_the_type_of_an_input_says_so(String node, Basis basis) {
    String text = node.startsWith("Conv(Conv") ? "a = Conv(x, w) y = Conv(a, w)" : "y = " + node;
    ShapeInference inference = ShapeInference.of(model(13, "float[2,3,8,8] x, float[] u", text));

    assertThat(inference.of("y").weakestBasis()).isEqualTo(basis);
    assertThat(inference.restsOnPromise("y")).isEqualTo(basis != Basis.PROVEN);
  }

  @Test
  void the_channels_of_a_convolution_are_proven_and_its_extents_are_promised() {
    SymbolicShape shape =
        ShapeInference.of(model(13, "float[2,3,8,8] x", "y = Conv(x, w)")).of("y");

    assertThat(shape.basis()).isEqualTo(Basis.PROVEN);
    assertThat(shape.dims())
        .extracting(SymbolicDim::basis)
        .containsExactly(Basis.PROMISED, Basis.PROVEN, Basis.PROMISED, Basis.PROMISED);
    assertThat(shape.restingOn(Basis.PROVEN).toString()).isEqualTo("[?,4,?,?]");
  }

  private static ShapeInference stated(String info, String nodes) {
    return ShapeInference.of(
        GraphText.parse(
            "<ir_version: 8, opset_import: [\"\" : 13]> g (float[N,3,8,8] x) => (float[] y) <%s> { %s }"
                .formatted(info, nodes)));
  }

  @Test
  void what_a_model_states_fills_in_what_is_not_inferred_and_is_marked() {
    ShapeInference inference = stated("float[N,5,7] a", "a = Foo(x) y = Relu(a)");

    assertThat(inference.of("y").toString()).isEqualTo("[N,5,7]");
    assertThat(inference.of("y").weakestBasis()).isEqualTo(Basis.STATED);
    assertThat(inference.rank("y")).isEqualTo(SymbolicShape.UNKNOWN_RANK);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float[N,3,8,8,1] a|Relu(x)|[N,3,8,8]",
        "float[N,3,8,9] a|Relu(x)|[N,3,8,8]",
        "float[M,3,8,8] a|Relu(x)|[N,3,8,8]",
        "float[3,9] a|NonZero(x)|[4,?]",
        "float[4,9] a|NonZero(x)|[4,9]"
      })
  void what_a_model_states_is_ignored_where_it_contradicts(
      String info, String node, String expected) {
    assertThat(stated(info, "a = " + node + " y = Relu(a)").of("y").toString()).isEqualTo(expected);
  }

  @Test
  void the_type_of_an_output_is_no_truth_either() {
    ShapeInference inference =
        ShapeInference.of(GraphText.parse("g (float[2,3] x) => (float[3,2] y) { y = Foo(x) }"));

    assertThat(inference.of("y").weakestBasis()).isEqualTo(Basis.STATED);
  }

  @Test
  void an_initializer_that_callers_may_override_is_as_its_type_says() {
    String text =
        "<ir_version: %d, opset_import: [\"\" : 13]> g (float[2,K] x, float[K,3] w) => (float[] y)"
            + " <float[5,3] w = random(1)> { y = MatMul(x, w) s = Shape(w) z = Identity(s) }";

    ShapeInference overridable = ShapeInference.of(GraphText.parse(text.formatted(8)));
    assertThat(overridable.of("w").toString()).isEqualTo("[K,3]");
    assertThat(overridable.integers("z", 8)).isNull();
    ShapeInference constant = ShapeInference.of(GraphText.parse(text.formatted(3)));
    assertThat(constant.of("w").toString()).isEqualTo("[5,3]");
    assertThat(constant.integers("z", 8)).containsExactly(5, 3);
  }

  @Test
  void integers_that_rest_on_a_promise_are_not_proven() {
    ShapeInference inference =
        ShapeInference.of(
            model(
                13,
                "float[2,3,8,8] x",
                "c = Conv(x, w) s = Shape(c) y = Gather(s, one) n = Gather(s, zero)"));

    assertThat(inference.integers("y", 8)).containsExactly(4);
    assertThat(inference.integers("n", 8)).isNull();
    assertThat(inference.integers("y", 0)).isNull();
  }

  @Test
  void the_statistics_of_a_norm_have_not_the_shape_of_its_data() {
    ShapeInference inference =
        ShapeInference.of(
            model(
                14,
                "float[N,?,8] x",
                "y, mean, var = BatchNormalization<training_mode = 1>(x, four, four, four, four)"));

    assertThat(inference.of("y").toString()).isEqualTo("[N,x#1,8]");
    assertThat(inference.of("mean").toString()).isEqualTo("[4]");
    assertThat(inference.of("var").toString()).isEqualTo("[4]");
  }

  @Test
  void one_name_for_all_that_is_not_known_makes_no_sizes_equal() {
    assertThat(shape(13, "float[N,None,None] x, float[N,H,H] z", "y = Flatten(x)"))
        .isEqualTo("[N,x#1·x#2]");
    assertThat(shape(13, "float[N,None,None] x, float[N,H,H] z", "y = Flatten(z)"))
        .isEqualTo("[N,H·H]");
  }

  @Test
  void both_branches_must_agree() {
    String branches =
        """
        <ir_version: 8, opset_import: ["" : 13]>
        g (bool c, float[N,3] x, float[2,3] z) => (float[] y, float[] r)
        {
          y = If<then_branch = a () => (float[9,9] p) { p = Relu(x) },
                 else_branch = b () => (float[9,9] q) { q = Tanh(%s) }>(c)
        }
        """;
    assertThat(
            ShapeInference.of(GraphText.parse(branches.formatted("x").replace("9,9", "N,3")))
                .of("y")
                .toString())
        .isEqualTo("[N,3]");
    assertThat(ShapeInference.of(GraphText.parse(branches.formatted("z"))).of("y").toString())
        .isEqualTo("[?,3]");
  }

  private static ShapeInference loop(String body) {
    return ShapeInference.of(
        GraphText.parse(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (int64 n, bool c, float[N,3] x) => (float[] y, float[] all)
            <int64[1] zero = {0}>
            {
              y, all = Loop<body = b (int64 i, bool k, float[N,3] s) => (bool kk, float[N,3] t, float[N,3] o) {
                kk = Identity(k) %s
              }>(n, c, x)
            }
            """
                .formatted(body)));
  }

  @Test
  void a_state_keeps_its_shape_as_far_as_the_body_gives_it_back() {
    assertThat(loop("t = Relu(s) o = Tanh(s)").of("y").toString()).isEqualTo("[N,3]");
    assertThat(loop("t = Relu(s) o = Tanh(s)").of("all").toString()).isEqualTo("[?,N,3]");
    assertThat(loop("t = Concat<axis=0>(s, s) o = Tanh(s)").of("y").toString()).isEqualTo("[?,3]");
    assertThat(loop("t = Unsqueeze(s, zero) o = Tanh(s)").of("y").toString()).isEqualTo("?");
  }

  @Test
  void a_scan_slices_and_stacks() {
    ShapeInference inference =
        ShapeInference.of(
            GraphText.parse(
                """
                <ir_version: 8, opset_import: ["" : 13]>
                g (float[N,3] x, float[T,N,3] steps) => (float[] y, float[] all)
                {
                  y, all = Scan<num_scan_inputs = 1, body = b (float[N,3] s, float[N,3] e) => (float[N,3] t, float[N,3] o) {
                    t = Add(s, e) o = Tanh(e)
                  }>(x, steps)
                }
                """));

    assertThat(inference.of("y").toString()).isEqualTo("[?,3]".replace("?", "N"));
    assertThat(inference.of("all").toString()).isEqualTo("[T,N,3]");
  }

  @Test
  void a_function_is_inlined_with_what_its_call_passes() {
    ShapeInference inference =
        ShapeInference.of(
            GraphText.parse(
                """
                <ir_version: 8, opset_import: ["" : 13, "my" : 1]>
                g (float[N,3,H,W] x) => (float[] y, float[] z) <float[4,3,3,3] w = random(1)>
                {
                  y = my.Layer<p=[1,1,1,1]>(x, w)
                  z = my.Layer(y, w)
                  u = my.Same(x, w)
                }
                <domain: "my", opset_import: ["" : 13]>
                Layer <p> (a, b, c) => (r) { r = Conv<pads: ints = @p>(a, b, c) }
                <domain: "my", opset_import: ["" : 13]>
                Same <p = [1,1,1,1]> (a, b, c) => (r) { r = Conv<pads: ints = @p>(a, b, c) }
                """));

    assertThat(inference.of("u").toString()).as("by default").isEqualTo("[N,4,H,W]");

    assertThat(inference.of("y").toString()).isEqualTo("[N,4,H,W]");
    assertThat(inference.of("z").toString()).isEqualTo("[N,4,H - 2,W - 2]");
  }

  @Test
  void functions_that_call_each_other_end_at_a_bound() {
    StringBuilder functions = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      functions.append(
          """
          <domain: "my", opset_import: ["" : 13, "my" : 1]>
          F%d (a) => (r) { b = my.F%d(a) c = my.F%d(b) r = my.F%d(c) }
          """
              .formatted(i, i + 1, i + 1, i + 1));
    }
    ModelGraph model =
        GraphText.parse(
            "<ir_version: 8, opset_import: [\"\" : 13, \"my\" : 1]> g (float[N] x) => (float[] y) { y = my.F0(x) } "
                + functions);

    assertThat(ShapeInference.of(model).of("y")).isEqualTo(SymbolicShape.UNKNOWN);
    assertThat(MultiplyAdds.of(model)).isEmpty();
  }

  @Test
  void all_that_a_called_function_holds_is_paid_for_at_each_call() {
    StringBuilder branch = new StringBuilder();
    for (int i = 0; i < 2_000; i++) {
      branch.append("n%d = Relu(a) ".formatted(i));
    }
    StringBuilder calls = new StringBuilder("v0 = my.F(x, c) ");
    for (int i = 0; i < 2_000; i++) {
      calls.append("v%d = my.F(v%d, c) ".formatted(i + 1, i));
    }
    ModelGraph model =
        GraphText.parse(
            """
            <ir_version: 8, opset_import: ["" : 13, "my" : 1]>
            g (float[N] x, bool c) => (v2000) { %s }
            <domain: "my", opset_import: ["" : 13]>
            F (a, c) => (r) {
              r = If (c) <then_branch = t () => (y) { %s y = Relu(a) },
                          else_branch = e () => (z) { z = Relu(a) }>
            }
            """
                .formatted(calls, branch));
    ShapeInference inference = ShapeInference.of(model);

    assertThat(inference.rank("v5")).isEqualTo(1);
    assertThat(inference.rank("v2000")).isEqualTo(SymbolicShape.UNKNOWN_RANK);
  }

  @Test
  void a_long_chain_is_followed_to_its_end_without_recursion() {
    StringBuilder nodes = new StringBuilder("v0 = Relu(x) ");
    for (int i = 0; i < 50_000; i++) {
      nodes.append("v%d = Tanh(v%d) ".formatted(i + 1, i));
    }
    assertThat(shape(13, "float[N,3] x", nodes + "y = Relu(v50000)")).isEqualTo("[N,3]");
  }

  @Test
  void hostile_chains_of_reshapes_end_at_a_bound() {
    StringBuilder nodes = new StringBuilder();
    for (int i = 0; i < 10_000; i++) {
      nodes.append(
          "s%d = Shape(v%d) t%d = Concat<axis=0>(s%d, s%d) v%d = Reshape(v%d, t%d) "
              .formatted(i, i, i, i, i, i + 1, i, i));
    }
    ShapeInference inference =
        ShapeInference.of(
            GraphText.parse("g (float[1] v0) => (float[] v10000) { %s }".formatted(nodes)));

    assertThat(inference.rank("v3")).isEqualTo(8);
    assertThat(inference.rank("v10000")).isEqualTo(SymbolicShape.UNKNOWN_RANK);
  }

  @Test
  void hostile_chains_of_integers_end_at_a_bound() {
    StringBuilder nodes = new StringBuilder("v0 = Identity(c) ");
    for (int i = 0; i < 80; i++) {
      nodes.append("v%d = Add(v%d, v%d) ".formatted(i + 1, i, i));
    }
    ShapeInference inference =
        ShapeInference.of(
            GraphText.parse(
                "g (float x) => (int64[1] v80) <int64[1] c = {1}> { %s }".formatted(nodes)));

    assertThat(inference.integers("v5", 8)).containsExactly(32);
    assertThat(inference.integers("v62", 8)).containsExactly(1L << 62);
    assertThat(inference.integers("v63", 8)).as("a number that overflows").isNull();
  }

  @Test
  void hostile_sums_and_products_of_sizes_end_at_a_bound() {
    StringBuilder inputs = new StringBuilder("float[a,b] x");
    StringBuilder nodes = new StringBuilder("f0 = Flatten<axis=0>(x) ");
    for (int i = 0; i < 100; i++) {
      inputs.append(", float[1,n%d] x%d".formatted(i, i));
      nodes.append("f%d = Concat<axis=1>(f%d, x%d) ".formatted(i + 1, i, i));
    }
    assertThat(shape(13, inputs.toString(), nodes + "y = Relu(f3)"))
        .isEqualTo("[1,a·b + n0 + n1 + n2]");
    assertThat(shape(13, inputs.toString(), nodes + "y = Relu(f100)")).isEqualTo("[1,?]");
  }

  @Test
  void a_value_that_depends_on_itself_is_unknown() {
    assertThat(shape(13, "float[N] x", "a = Add(b, x) b = Relu(a) y = Relu(b)")).isEqualTo("?");
  }
}

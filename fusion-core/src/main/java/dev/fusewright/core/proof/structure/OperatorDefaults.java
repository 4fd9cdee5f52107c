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
package dev.fusewright.core.proof.structure;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Node;
import java.util.HashMap;
import java.util.Map;

/**
 * Defaults of the attributes of ONNX's own operators, where they are the same in every version of
 * the operator: as {@code onnx.defs} has them, without lists.
 */
final class OperatorDefaults {
  /** A line for an operator: attributes with {@code i}, {@code f} or {@code s} and the value. */
  private static final String TABLE =
      """
      Add broadcast=i0
      AffineGrid align_corners=i0
      And broadcast=i0
      ArgMax axis=i0 keepdims=i1 select_last_index=i0
      ArgMin axis=i0 keepdims=i1 select_last_index=i0
      Attention is_causal=i0 left_window_size=i-1 qk_matmul_output_mode=i0
      Attention right_window_size=i-1 softcap=f0.0
      AveragePool auto_pad=sNOTSET ceil_mode=i0 count_include_pad=i0
      BatchNormalization epsilon=f1e-05 is_test=i0 momentum=f0.9 spatial=i1
      BatchNormalization training_mode=i0
      BlackmanWindow output_datatype=i1 periodic=i1
      Cast round_mode=sup saturate=i1
      CastLike round_mode=sup saturate=i1
      CausalConvWithState activation=snone
      Celu alpha=f1.0
      ConcatFromSequence new_axis=i0
      Conv auto_pad=sNOTSET group=i1
      ConvInteger auto_pad=sNOTSET group=i1
      ConvTranspose auto_pad=sNOTSET group=i1
      CumProd exclusive=i0 reverse=i0
      CumSum exclusive=i0 reverse=i0
      DFT axis=i1 inverse=i0 onesided=i0
      DeformConv group=i1 offset_group=i1
      DepthToSpace mode=sDCR
      DequantizeLinear axis=i1 block_size=i0 output_dtype=i0
      Div broadcast=i0
      Dropout is_test=i0 ratio=f0.5
      Elu alpha=f1.0
      Equal broadcast=i0
      EyeLike k=i0
      Flatten axis=i1
      GRU layout=i0 linear_before_reset=i0 output_sequence=i0
      Gather axis=i0
      GatherElements axis=i0
      GatherND batch_dims=i0
      Gelu approximate=snone
      Gemm alpha=f1.0 beta=f1.0 broadcast=i0 transA=i0 transB=i0
      Greater broadcast=i0
      GridSample align_corners=i0 padding_mode=szeros
      GroupNormalization epsilon=f1e-05 stash_type=i1
      HammingWindow output_datatype=i1 periodic=i1
      HannWindow output_datatype=i1 periodic=i1
      HardSigmoid alpha=f0.2 beta=f0.5
      ImageDecoder pixel_format=sRGB
      InstanceNormalization epsilon=f1e-05
      IsInf detect_negative=i1 detect_positive=i1
      LRN alpha=f1e-04 beta=f0.75 bias=f1.0
      LSTM direction=sforward input_forget=i0 layout=i0 output_sequence=i0
      LayerNormalization axis=i-1 epsilon=f1e-05 stash_type=i1
      LeakyRelu alpha=f0.01
      Less broadcast=i0
      LinearAttention chunk_size=i64 scale=f0.0 update_rule=sgated_delta
      LpNormalization axis=i-1 p=i2
      LpPool auto_pad=sNOTSET ceil_mode=i0
      MaxPool auto_pad=sNOTSET ceil_mode=i0 storage_order=i0
      MaxRoiPool spatial_scale=f1.0
      MelWeightMatrix output_datatype=i1
      Mod fmod=i0
      Mul broadcast=i0
      Multinomial dtype=i6 sample_size=i1
      NegativeLogLikelihoodLoss reduction=smean
      NonMaxSuppression center_point_box=i0
      OneHot axis=i-1
      Or broadcast=i0
      Pad mode=sconstant value=f0.0
      Pow broadcast=i0
      QLinearConv auto_pad=sNOTSET group=i1
      QuantizeLinear axis=i1 block_size=i0 output_dtype=i0 precision=i0 saturate=i1
      RMSNormalization axis=i-1 epsilon=f1e-05 stash_type=i1
      RNN direction=sforward layout=i0 output_sequence=i0
      RandomNormal dtype=i1 mean=f0.0 scale=f1.0
      RandomNormalLike mean=f0.0 scale=f1.0
      RandomUniform dtype=i1 high=f1.0 low=f0.0
      RandomUniformLike high=f1.0 low=f0.0
      Range stash_type=i1
      ReduceL1 keepdims=i1 noop_with_empty_axes=i0
      ReduceL2 keepdims=i1 noop_with_empty_axes=i0
      ReduceLogSum keepdims=i1 noop_with_empty_axes=i0
      ReduceLogSumExp keepdims=i1 noop_with_empty_axes=i0
      ReduceMax keepdims=i1 noop_with_empty_axes=i0
      ReduceMean keepdims=i1 noop_with_empty_axes=i0
      ReduceMin keepdims=i1 noop_with_empty_axes=i0
      ReduceProd keepdims=i1 noop_with_empty_axes=i0
      ReduceSum keepdims=i1 noop_with_empty_axes=i0
      ReduceSumSquare keepdims=i1 noop_with_empty_axes=i0
      Reshape allowzero=i0
      Resize antialias=i0 coordinate_transformation_mode=shalf_pixel cubic_coeff_a=f-0.75
      Resize exclude_outside=i0 extrapolation_value=f0.0 keep_aspect_ratio_policy=sstretch
      Resize mode=snearest nearest_mode=sround_prefer_floor
      ReverseSequence batch_axis=i1 time_axis=i0
      RoiAlign coordinate_transformation_mode=shalf_pixel mode=savg output_height=i1
      RoiAlign output_width=i1 sampling_ratio=i0 spatial_scale=f1.0
      RotaryEmbedding interleaved=i0 rotary_embedding_dim=i0
      STFT onesided=i1
      Scatter axis=i0
      ScatterElements axis=i0 reduction=snone
      ScatterND reduction=snone
      Shape start=i0
      Shrink bias=f0.0 lambd=f0.5
      SoftmaxCrossEntropyLoss reduction=smean
      SpaceToDepth mode=sDCR
      SplitToSequence axis=i0 keepdims=i1
      StringNormalizer case_change_action=sNONE is_case_sensitive=i0
      Sub broadcast=i0
      SwiGLU alpha=f1.0
      Swish alpha=f1.0
      TensorScatter axis=i-2 mode=slinear
      ThresholdedRelu alpha=f1.0
      TopK axis=i-1 largest=i1 sorted=i1
      Trilu upper=i1
      Unique sorted=i1
      Upsample mode=snearest
      Xor broadcast=i0
      """;

  private static final Map<String, Map<String, Attribute>> BY_OPERATOR = parsed();

  private OperatorDefaults() {}

  private static Map<String, Map<String, Attribute>> parsed() {
    Map<String, Map<String, Attribute>> all = new HashMap<>();
    for (String line : TABLE.lines().toList()) {
      String[] parts = line.split(" ", -1);
      Map<String, Attribute> own = all.computeIfAbsent(parts[0], name -> new HashMap<>());
      for (int i = 1; i < parts.length; i++) {
        int end = parts[i].indexOf('=');
        own.put(parts[i].substring(0, end), value(parts[i].substring(end + 1)));
      }
    }
    return all;
  }

  private static Attribute value(String text) {
    String value = text.substring(1);
    return switch (text.charAt(0)) {
      case 'i' -> new Attribute.Int(Long.parseLong(value));
      case 'f' -> new Attribute.Real(Float.parseFloat(value));
      default -> new Attribute.Text(value);
    };
  }

  /**
   * Whether an attribute of a node of ONNX's own domain holds what it would without being given.
   */
  static boolean isDefault(Node node, String attribute, Attribute value) {
    Attribute usual = BY_OPERATOR.getOrDefault(node.op().type(), Map.of()).get(attribute);
    if (usual instanceof Attribute.Real a && value instanceof Attribute.Real b) {
      return Float.compare((float) a.value(), (float) b.value()) == 0;
    }
    return value.equals(usual);
  }
}

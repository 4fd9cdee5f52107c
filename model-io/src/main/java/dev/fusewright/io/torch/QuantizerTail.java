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
package dev.fusewright.io.torch;

import dev.fusewright.core.state.DefaultQatConfig;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.aten.TorchType;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.torch.PickleValue.Dict;
import dev.fusewright.io.torch.PickleValue.Global;
import dev.fusewright.io.torch.PickleValue.Int;
import dev.fusewright.io.torch.PickledModule.Hooks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The objects that {@code prepare_qat} puts into a module, as operations behind its pickle:
 * fake-quantizers, their observers, the modules with fake-quantized weights, and the configuration
 * by which {@code convert} finds them.
 *
 * <p>PyTorch's own configurations bear a function within a function, which no pickle can name;
 * these do not, and are otherwise the same. Everything has names that PyTorch 1.13 and 2 both
 * import.
 */
final class QuantizerTail {
  private static final String FAKES = "torch.ao.quantization.fake_quantize";
  private static final String OBSERVERS = "torch.ao.quantization.observer";
  private static final String OBSERVED = "activation_post_process";
  private static final String WEIGHT = "weight_fake_quant";
  private static final Global HOOK =
      new Global("torch.ao.quantization.quantize", "_observer_forward_hook");

  /** What a convolution computes with. */
  private static final List<String> CONVOLUTION =
      List.of(
          "in_channels",
          "out_channels",
          "kernel_size",
          "stride",
          "padding",
          "dilation",
          "transposed",
          "output_padding",
          "groups",
          "padding_mode",
          "_reversed_padding_repeated_twice");

  private static final List<String> LINEAR = List.of("in_features", "out_features");

  /** What has one element per channel once a weight has been seen. */
  private static final Set<String> RESIZED = Set.of("scale", "zero_point", "min_val", "max_val");

  /** What is quantized. */
  private enum Kind {
    WEIGHT,
    ACTIVATION,
    /** Whose range does not depend on data. */
    FIXED
  }

  private final StatePath path;
  private final StateDict state;
  private final DefaultQatConfig config;
  private final String location;
  private final PickleTail tail;
  private final StorageEdits edits;
  private final int slot;
  private final Map<String, List<String>> buffers = new HashMap<>();
  private boolean isConfigured;

  /**
   * Operations at the end of a tail.
   *
   * @param state as planned
   * @param location of all that is new, such as {@code cpu}
   * @param slot of the memo, free, for the configuration
   */
  QuantizerTail(
      StatePath path,
      StateDict state,
      DefaultQatConfig config,
      String location,
      PickleTail tail,
      StorageEdits edits,
      int slot) {
    this.path = path;
    this.state = state;
    this.config = config;
    this.location = location;
    this.tail = tail;
    this.edits = edits;
    this.slot = slot;
    for (String name : state.entries().keySet()) {
      buffers
          .computeIfAbsent(ModuleTree.parentName(name), module -> new ArrayList<>())
          .add(ModuleTree.local(name));
    }
  }

  /** Whether the weight of a planned module is fake-quantized. */
  boolean isTrained(String name) {
    return state.tensor(name + "." + WEIGHT + ".scale").isPresent();
  }

  /** Whether the output of a planned module is fake-quantized. */
  boolean isObserved(String name) {
    return state.tensor(name + "." + OBSERVED + ".scale").isPresent();
  }

  /** The attributes of a layer that its trained form has too. */
  static List<String> attributes(PickledModule layer) {
    return ModuleTree.local(layer.type()).startsWith("Conv") ? CONVOLUTION : LINEAR;
  }

  /** Forward hooks, the observer's first. */
  static List<Dict.Item> observing(List<Dict.Item> hooks) {
    long key = 0;
    for (Dict.Item hook : hooks) {
      if (hook.key() instanceof Int number) {
        key = Math.max(key, number.value() + 1);
      }
    }
    List<Dict.Item> all = new ArrayList<>(List.of(new Dict.Item(new Int(key), HOOK)));
    all.addAll(hooks);
    return all;
  }

  /**
   * A module with a fake-quantized weight, instead of a layer and of the BatchNorm behind it.
   *
   * @param before pre-hooks that it takes over
   * @param after forward hooks that it takes over
   */
  void trained(
      Global type,
      PickledModule layer,
      @Nullable PickledModule norm,
      List<Dict.Item> before,
      List<Dict.Item> after) {
    tail.module(type, /* isTraining= */ true);
    tail.hooks(Hooks.PRE, before).hooks(Hooks.FORWARD, observing(after));
    tail.text("_parameters").recall(layer.dict("_parameters").orElseThrow()).set();
    for (String attribute : attributes(layer)) {
      PickleValue value = layer.attributes().get(attribute);
      if (value != null) {
        tail.text(attribute).plain(value).set();
      }
    }
    qconfig();
    if (norm != null) {
      tail.text("freeze_bn").bool(/* value= */ false).set();
      if (attributes(layer).equals(CONVOLUTION)) {
        tail.text("_enable_slow_path_for_better_numerical_stability")
            .bool(/* value= */ false)
            .set();
      }
    }
    tail.text("_modules").orderedDict();
    if (norm != null) {
      tail.text("bn").recall(norm.object()).set();
    }
    long channels = layer.parameter("weight").map(weight -> weight.sizes()[0]).orElse(0L);
    quantizer(
        layer.name() + "." + WEIGHT, WEIGHT, Kind.WEIGHT, isPerChannel(Kind.WEIGHT) ? channels : 1);
    activation(layer.name());
    tail.set().op('b');
  }

  /** An item of a module's children: the fake-quantizer of its output. */
  void activation(String name) {
    String quantizer = name + "." + OBSERVED;
    boolean isFixed = state.tensor(quantizer + "." + OBSERVED + ".min_val").isEmpty();
    quantizer(quantizer, OBSERVED, isFixed ? Kind.FIXED : Kind.ACTIVATION, 1);
  }

  private void quantizer(String name, String local, Kind kind, long channels) {
    tail.text(local).module(new Global(FAKES, fake(kind)), /* isTraining= */ true);
    tail.hooks(Hooks.PRE, List.of()).hooks(Hooks.FORWARD, List.of());
    buffers(name, channels);
    range(kind);
    integer("ch_axis", isPerChannel(kind) ? 0 : -1);
    flag("is_per_channel", isPerChannel(kind));
    if (kind != Kind.FIXED && isFused()) {
      flag("is_symmetric_quant", kind == Kind.WEIGHT);
    }
    tail.text("_modules").orderedDict();
    observer(name + "." + OBSERVED, kind, channels);
    tail.set().op('b').set();
  }

  private void observer(String name, Kind kind, long channels) {
    tail.text(OBSERVED).module(new Global(OBSERVERS, observerClass(kind)), /* isTraining= */ true);
    tail.hooks(Hooks.PRE, List.of()).hooks(Hooks.FORWARD, List.of());
    buffers(name, channels);
    range(kind);
    if (kind != Kind.FIXED) {
      flag("reduce_range", kind == Kind.ACTIVATION && isReduced());
      flag("has_customized_qrange", /* value= */ true);
      if (isPerChannel(kind)) {
        integer("ch_axis", 0);
      }
      tail.text("averaging_constant").real(0.01).set();
    }
    tail.text("_modules").orderedDict().set().op('b').set();
  }

  private void range(Kind kind) {
    boolean isSigned = kind == Kind.WEIGHT;
    boolean isHalved = kind == Kind.ACTIVATION && isReduced();
    integer("quant_min", isSigned ? -128 : 0);
    integer("quant_max", isSigned || isHalved ? 127 : 255);
    flag("is_dynamic", /* value= */ false);
    name("dtype", isSigned ? "qint8" : "quint8");
    name("qscheme", scheme(kind));
  }

  private String scheme(Kind kind) {
    return kind != Kind.WEIGHT
        ? "per_tensor_affine"
        : isPerChannel(kind) ? "per_channel_symmetric" : "per_tensor_symmetric";
  }

  private boolean isPerChannel(Kind kind) {
    return kind == Kind.WEIGHT
        && switch (config) {
          case FBGEMM, X86, FBGEMM_V0 -> true;
          case QNNPACK -> false;
        };
  }

  /** Whether activations have one bit less. */
  private boolean isReduced() {
    return switch (config) {
      case FBGEMM, X86, FBGEMM_V0 -> true;
      case QNNPACK -> false;
    };
  }

  private boolean isFused() {
    return switch (config) {
      case FBGEMM, X86, QNNPACK -> true;
      case FBGEMM_V0 -> false;
    };
  }

  private String fake(Kind kind) {
    return kind == Kind.FIXED
        ? "FixedQParamsFakeQuantize"
        : isFused() ? "FusedMovingAvgObsFakeQuantize" : "FakeQuantize";
  }

  private String observerClass(Kind kind) {
    return kind == Kind.FIXED
        ? "FixedQParamsObserver"
        : isPerChannel(kind)
            ? "MovingAveragePerChannelMinMaxObserver"
            : "MovingAverageMinMaxObserver";
  }

  private void integer(String attribute, long value) {
    tail.text(attribute).number(value).set();
  }

  private void flag(String attribute, boolean value) {
    tail.text(attribute).bool(value).set();
  }

  private void name(String attribute, String name) {
    tail.text(attribute).global(new Global("torch", name)).set();
  }

  /**
   * The buffers of a planned module, each with a storage of its own.
   *
   * @param channels for which a range has room in its storage: PyTorch resizes it to that many, and
   *     cannot enlarge what it has loaded from an archive
   */
  private void buffers(String module, long channels) {
    tail.text("_buffers").orderedDict();
    for (String local : buffers.getOrDefault(module, List.of())) {
      String name = module + "." + local;
      Tensor tensor = state.tensor(name).orElseThrow();
      Tensor stored = RESIZED.contains(local) ? roomy(tensor, local, channels) : tensor;
      String key = edits.add(new ComputedTensor(path, name, stored));
      TorchType type = TorchType.of(tensor.type()).orElseThrow();
      TorchStorage storage = new TorchStorage(key, type, location, stored.shape().elementCount());
      tail.text(local).tensor(TorchTensor.contiguous(storage, tensor.shape()), key).set();
    }
    tail.set();
  }

  private static Tensor roomy(Tensor tensor, String local, long channels) {
    if (channels <= tensor.shape().elementCount()) {
      return tensor;
    }
    double[] values = new double[(int) channels];
    Arrays.fill(values, local.equals("scale") ? 1 : 0);
    return LiteralTensor.ofDoubles(tensor.type(), Shape.of(channels), values);
  }

  /** An item of a state: the configuration, one object for all modules. */
  void qconfig() {
    tail.text("qconfig");
    if (isConfigured) {
      tail.kept(slot);
    } else {
      tail.global(new Global("torch.ao.quantization.qconfig", "QConfig")).op('(');
      wrapper(Kind.ACTIVATION);
      wrapper(Kind.WEIGHT);
      tail.op('t', '\u0081').keep(slot);
      isConfigured = true;
    }
    tail.set();
  }

  /** What makes fake-quantizers: {@code FakeQuantize.with_args(…)}. */
  private void wrapper(Kind kind) {
    Global fake = new Global(FAKES, fake(kind));
    tail.global(new Global(OBSERVERS, "_PartialWrapper")).op(')', '\u0081', '}');
    tail.text("p").global(new Global("functools", "partial")).op('(').global(fake).op('t', 'R');
    tail.op('(').global(fake).op(')', '}');
    tail.text("observer").global(new Global(OBSERVERS, observerClass(kind))).set();
    integer("quant_min", kind == Kind.WEIGHT ? -128 : 0);
    integer("quant_max", kind == Kind.WEIGHT ? 127 : 255);
    if (kind == Kind.WEIGHT) {
      name("dtype", "qint8");
      name("qscheme", scheme(kind));
      if (!isFused()) {
        flag("reduce_range", /* value= */ false);
        integer("ch_axis", 0);
      }
    } else {
      flag("reduce_range", isReduced());
    }
    tail.op('N', 't', 'b').set();
    tail.text("callable_args").op('}').set();
    tail.text("__module__").text(FAKES).set().op('b');
  }
}
